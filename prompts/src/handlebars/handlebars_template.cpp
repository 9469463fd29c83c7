#include "handlebars_template.hpp"

#include "../mustache/value_view.hpp"

#include <zincir/core/json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>

namespace zincir::detail {
namespace {

using namespace handlebars;
using mustache::value_view;

// The values of the call as an object, for {{json this}}.
json::object root_object(const values& all)
{
    json::object made;
    for (const auto& entry : all.entries())
        std::visit(
            [&]<class Held>(const Held& held) {
                if constexpr (!std::same_as<Held, messages>)
                    made[entry.name] = held;
            },
            entry.value.get());
    return made;
}

// JavaScript's rule: an empty list or object is something, for {{#if}} an empty list is not.
bool truthy(const value_view& v) { return v.what() == value_view::kind::object || v.truthy(); }

// Compact JSON as JavaScript's JSON.stringify indents it.
std::string indented(std::string_view compact, std::size_t width)
{
    std::string out;
    std::size_t level = 0;
    const auto line = [&] { out.append(1, '\n').append(level * width, ' '); };
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        const char next = i + 1 < compact.size() ? compact[i + 1] : '\0';
        if (c == '"') {
            auto end = i + 1;
            while (compact[end] != '"')
                end += compact[end] == '\\' ? 2 : 1;
            out += compact.substr(i, end + 1 - i);
            i = end;
        } else if ((c == '{' && next == '}') || (c == '[' && next == ']')) {
            out.append(1, c).append(1, next);
            ++i;
        } else {
            level -= c == '}' || c == ']';
            if (c == '}' || c == ']')
                line();
            out += c;
            level += c == '{' || c == '[';
            if (c == '{' || c == '[' || c == ',')
                line();
            else if (c == ':')
                out += ' ';
        }
    }
    return out;
}

class renderer {
public:
    renderer(const template_options& options, scope& given, std::string& out)
        : options_(options), given_(given), out_(out), start_(out.size())
    {}

    void run(const program& code)
    {
        const auto* before = std::exchange(code_, &code);
        run(code.body());
        code_ = before;
    }

private:
    // What names stand for: a value, and what {{#each}} knows of it.
    struct frame {
        value_view value;
        std::string_view key{};  // of an object's member
        std::size_t index = 0;
        std::size_t count = 0;  // 0 outside of {{#each}}
    };
    // A name that a tag gives: `as |name|` inside of its block, `name=value` where names stand in what the partial was called with.
    struct own_name {
        std::string_view name;
        value_view value;
        std::optional<std::size_t> frames{};
    };

    void run(const std::vector<node>& body)
    {
        if (++depth_ > options_.limits.depth + 1)
            fail(errc::limit_exceeded, "blocks and partials are more than " + std::to_string(options_.limits.depth) +
                                           " deep in one another (template_limits::depth)");
        for (const auto& n : body)
            step(n);
        --depth_;
    }
    void step(const node& n)
    {
        at_ = n.begin;
        charge(1);
        switch (n.what) {
            case op::text:
                return write(code_->source().text().substr(n.begin, n.end - n.begin));
            case op::value:
                return write_value(n);
            case op::json:
                return write_json(n);
            case op::condition:
                return run(truthy(value_of(n.operands[0])) ? n.body : n.otherwise);
            case op::unless:
            case op::inverted:
                return run(truthy(value_of(n.operands[0])) ? n.otherwise : n.body);
            case op::equal:
            case op::unequal:
                return run(same(value_of(n.operands[0]), value_of(n.operands[1])) == (n.what == op::equal) ? n.body : n.otherwise);
            case op::each:
            case op::with:
            case op::section:
                return enter(n);
            case op::partial:
                return include(n);
        }
    }
    void enter(const node& n)
    {
        const auto value = value_of(n.operands[0]);
        const bool each = n.what == op::each;
        if (!truthy(value) || (each && value.size() == 0))
            return run(n.otherwise);
        if (n.what != op::with && value.is_list()) {
            for (std::size_t i = 0; i < value.size(); ++i)
                run_in(n, frame{value.element(i), {}, i, value.size()});
        } else if (each && value.what() == value_view::kind::object) {
            std::size_t i = 0;
            for (const auto& member : value.document().get_object())
                run_in(n, frame{value_view(member.value()), member.key(), i++, value.size()});
        } else if (each) {
            fail(errc::invalid_argument, "{{#each}} takes a list or an object");
        } else {
            run_in(n, frame{value, {}, 0, 0});
        }
    }
    void run_in(const node& n, frame f)
    {
        charge(1);  // the body may be empty
        const auto before = own_.size();
        if (!n.names_own.empty())
            own_.push_back({n.names_own.front(), f.value});
        if (n.names_own.size() > 1)
            own_.push_back({n.names_own.back(), key_of(f)});
        frames_.push_back(f);
        run(n.body);
        frames_.pop_back();
        own_.resize(before);
    }
    static value_view key_of(const frame& f) { return f.key.data() ? value_view(f.key) : value_view(prompt_value(f.index)); }
    void include(const node& n)
    {
        const auto* callee = load(std::string(n.name));
        if (!callee)
            fail(errc::invalid_argument, "there is no partial \"" + std::string(n.name) + "\"");
        const auto place = at_;
        const auto before = own_.size();
        std::vector<own_name> made;
        for (std::size_t i = 0; i < n.names_own.size(); ++i)
            made.push_back({n.names_own[i], value_of(n.operands[i]), frames_.size() + n.context.has_value()});
        if (n.context)
            frames_.push_back(frame{find(*n.context)});
        own_.insert(own_.end(), made.begin(), made.end());
        try {
            run(*callee);
        } catch (const error& e) {
            throw error(static_cast<errc>(e.code().value()),
                        e.facts().message + "\n    used at " + code_->source().describe(place));
        }
        own_.resize(before);
        if (n.context)
            frames_.pop_back();
    }
    // By its name, or, as dotprompt has it, the file _NAME.prompt without its front matter.
    const program* load(const std::string& name)
    {
        if (const auto known = loaded_.find(name); known != loaded_.end())
            return known->second.get();
        const auto* loader = options_.environment.loader();
        if (!loader)
            return nullptr;
        const auto folder = name.rfind('/') + 1;
        std::optional<std::string> text;
        try {
            text = loader->load(name);
            if (!text)
                text = loader->load(name.substr(0, folder) + "_" + name.substr(folder) + ".prompt");
        } catch (const error& e) {
            fail(static_cast<errc>(e.code().value()), "the partial \"" + name + "\" cannot be loaded: " + e.facts().message);
        }
        if (!text)
            return nullptr;
        auto options = options_;
        options.name = name;
        options.first_line = options.first_column = 1;
        if (const auto end = text->starts_with("---\n") ? text->find("\n---\n", 3) : std::string::npos; end != std::string::npos) {
            options.first_line =
                1 + static_cast<std::size_t>(std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(end) + 5, '\n'));
            text->erase(0, end + 5);
        }
        held_ += text->size();
        if (held_ > options_.limits.value_bytes)
            fail(errc::limit_exceeded, "the partials in use grow beyond " + std::to_string(options_.limits.value_bytes) +
                                           " bytes (template_limits::value_bytes)");
        charge(text->size() / 16);
        return loaded_.emplace(name, std::make_unique<const program>(*text, options)).first->second.get();
    }

    value_view value_of(const operand& o)
    {
        if (const auto* literal = std::get_if<json::value>(&o))
            return value_view(*literal);
        return find(std::get<path>(o));
    }
    value_view find(const path& p)
    {
        charge(1 + p.names.size());
        if (p.from == path::start::here || p.from == path::start::root)
            return find_named(p);
        const auto* f = loop(p.up);
        if (!f)
            return {};
        switch (p.from) {
            case path::start::key:
                return key_of(*f);
            case path::start::first:
                return value_view(prompt_value(f->index == 0));
            case path::start::last:
                return value_view(prompt_value(f->index + 1 == f->count));
            default:
                return value_view(prompt_value(f->index));
        }
    }
    // The {{#each}} that `up` more are inside of.
    const frame* loop(std::size_t up) const
    {
        for (auto f = frames_.rbegin(); f != frames_.rend(); ++f)
            if (f->count > 0 && up-- == 0)
                return &*f;
        return nullptr;
    }
    value_view find_named(const path& p)
    {
        value_view value;
        auto name = p.names.begin();
        const auto up = p.from == path::start::root ? frames_.size() : p.up;
        if (const auto found = up == 0 && name != p.names.end() ? find_own(*name) : value_view(); !found.missing()) {
            value = found;
            ++name;
        } else if (up < frames_.size()) {
            value = frames_[frames_.size() - 1 - up].value;
        } else if (name == p.names.end()) {
            const auto* whole = given_.input().bare();
            return whole ? value_view(*whole) : value_view(given_.input());
        } else {
            const auto* given = given_.find(*name++);
            value = given ? value_view(*given) : value_view();
        }
        for (; name != p.names.end() && !value.missing(); ++name)
            value = value.member(*name);
        return value;
    }
    value_view find_own(std::string_view name)
    {
        charge(own_.size());
        for (auto o = own_.rbegin(); o != own_.rend(); ++o)
            if (o->name == name && (!o->frames || *o->frames == frames_.size()))
                return o->value;
        return {};
    }

    json::value plain(const value_view& v) const
    {
        using kind = value_view::kind;
        switch (v.what()) {
            case kind::boolean:
                return json::value(v.boolean());
            case kind::integer:
                return json::value(v.integer());
            case kind::unsigned_integer:
                return json::value(v.unsigned_integer());
            case kind::real:
                return json::value(v.real());
            case kind::text:
                return json::value(json::string(v.text()));
            case kind::array:
            case kind::object:
                return v.document();
            case kind::root:
                return json::value(root_object(v.root()));
            case kind::turns:
            case kind::turn:
            case kind::turn_text:
                fail(
                    errc::invalid_argument,
                    "messages stand where a text is wanted: write {{history}} outside of blocks, or {{#each}} of them {{content}}");
            default:
                return json::value();
        }
    }
    // JavaScript's ===: lists and objects are the same only where they are one.
    bool same(const value_view& a, const value_view& b)
    {
        using kind = value_view::kind;
        const auto is_document = [](const value_view& v) { return v.what() == kind::array || v.what() == kind::object; };
        if (is_document(a) || is_document(b))
            return is_document(a) && is_document(b) && &a.document() == &b.document();
        if (a.what() == kind::text && b.what() == kind::text) {
            charge(std::min(a.text().size(), b.text().size()) / 256);
            return a.text() == b.text();
        }
        return plain(a) == plain(b);
    }
    void write_value(const node& n)
    {
        const auto& p = std::get<path>(n.operands[0]);
        const auto value = find(p);
        if (value.missing())
            return write_missing(n, p);
        if (value.what() == value_view::kind::text)
            return write(value.text());
        const auto held = plain(value);
        if (!held.is_null())
            write(to_prompt_text(prompt_value(held)));
    }
    void write_missing(const node& n, const path& p)
    {
        const std::string name(p.written);
        if (options_.undefined == undefined_policy::keep)
            write(code_->source().text().substr(n.begin, n.end - n.begin));
        if (options_.undefined != undefined_policy::error)
            return;
        const bool outside = p.from == path::start::here && p.up == 0 && !p.names.empty() && given_.find(p.names.front());
        const auto near = p.names.empty() ? std::string() : given_.nearest(p.names.front());
        fail(errc::missing_variable, "no value for {{" + name + "}}" +
                                         (outside && !frames_.empty() ? "; outside of this block there is one: {{../" + name + "}}"
                                          : near.empty()              ? ""
                                                                      : "; did you mean \"" + near + "\"?") +
                                         " (for one that may be missing write {{#if " + name + "}}{{" + name + "}}{{/if}})");
    }
    void write_json(const node& n)
    {
        const auto text = json::serialize(plain(value_of(n.operands[0])));
        write(n.indent == 0 ? text : indented(text, n.indent));
    }

    void write(std::string_view text)
    {
        const auto limit = options_.limits.output_bytes;
        if (text.size() > limit - (out_.size() - start_))
            fail(errc::limit_exceeded, "the text grows beyond " + std::to_string(limit) + " bytes (template_limits::output_bytes)");
        out_ += text;
    }
    void charge(std::size_t steps)
    {
        steps_ += steps;
        if (steps_ > options_.limits.steps)
            fail(errc::limit_exceeded,
                 "the rendering takes more than " + std::to_string(options_.limits.steps) + " steps (template_limits::steps)");
    }
    [[noreturn]] void fail(errc code, const std::string& what) const { throw code_->source().fault(code, at_, what); }

    const template_options& options_;
    scope& given_;
    std::string& out_;
    const std::size_t start_;
    const program* code_ = nullptr;
    std::vector<frame> frames_{};
    std::vector<own_name> own_{};
    std::map<std::string, std::unique_ptr<const program>> loaded_{};
    std::size_t at_ = 0;  // the tag of now
    std::size_t depth_ = 0, steps_ = 0, held_ = 0;
};

}  // namespace

handlebars_template::handlebars_template(std::string_view text, const template_options& options, std::string where)
    : options_(options), program_(text, options_, std::move(where))
{
    for (const auto& [name, offset] : program_.variables())
        variables_.emplace_back(name);
    std::sort(variables_.begin(), variables_.end());
    variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
}

void handlebars_template::render(std::string& out, scope& given) const { renderer(options_, given, out).run(program_); }

std::string handlebars_template::place_of(std::string_view variable) const
{
    for (const auto& [name, offset] : program_.variables())
        if (name == variable)
            return program_.source().describe(offset);
    return program_.source().describe(0);
}

}  // namespace zincir::detail
