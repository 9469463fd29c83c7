#include "prompt_file_document.hpp"

#if ZINCIR_HAS_YAML

#include "yaml_quoted_scalar.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

namespace zincir::detail {
namespace {

// Aliases copy what they stand for, so that these bound the tree, not the text.
constexpr std::size_t max_depth = 64;
constexpr std::size_t max_nodes = 50'000;
constexpr std::size_t max_bytes = std::size_t{4} << 20;

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

bool all_of(std::string_view text, std::string_view allowed) { return text.find_first_not_of(allowed) == std::string_view::npos; }

bool is_integer(std::string_view text)
{
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    return !text.empty() && all_of(text, "0123456789");
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text)
{
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    const auto e = std::min(text.find_first_of("eE"), text.size());
    const auto mantissa = text.substr(0, e);
    if (e < text.size() && !is_integer(text.substr(e + 1)))
        return false;
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    const auto whole = mantissa.substr(0, point);
    const auto fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
    return all_of(whole, "0123456789") && all_of(fraction, "0123456789") && !(whole.empty() && fraction.empty());
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

template <class Number, class... How>
bool convert(std::string_view text, Number& out, How... how)
{
    if (text.starts_with('+'))
        text.remove_prefix(1);
    const auto done = std::from_chars(text.data(), text.data() + text.size(), out, how...);
    return done.ec == std::errc() && done.ptr == text.data() + text.size();
}

// Builds the JSON tree from yaml-cpp's events, which come without recursion of ours.
class tree_builder final : public YAML::EventHandler {
public:
    tree_builder(const template_source& source, std::size_t begin) : source_(source), begin_(begin) {}

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (done_ || !open_.empty())
            refuse(mark, "a second document begins here; a prompt file has one");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        if (wants_key())
            return take_key(mark, std::string());
        finish(json::value(), document_place{offset(mark), {}}, size{}, anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto at = anchors_.find(anchor);
        if (at == anchors_.end())
            refuse(mark, "this alias stands inside of what it stands for");
        if (wants_key())
            refuse(mark, "a name cannot be an alias here");
        const auto& known = at->second;
        spend(mark, known.extent);
        if (open_.size() + known.extent.depth > max_depth)
            too_deep(mark);
        attach(known.value, known.place, known.extent);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override
    {
        const auto quoted = tag == "?" ? std::nullopt : quoted_scalar(source_.text(), offset(mark));
        if (wants_key())
            return take_key(mark, quoted.value_or(text));
        finish(scalar(mark, tag, quoted.value_or(text)), document_place{offset(mark), {}}, size{1, text.size(), 0}, anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, tag, "seq", json::array(), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, tag, "map", json::object(), anchor);
    }
    void OnMapEnd() override { close(); }

    json::value value{};
    document_place place{};

    std::size_t offset(const YAML::Mark& mark) const
    {
        const auto pos = mark.pos < 0 ? 0U : static_cast<std::size_t>(mark.pos);
        return std::min(begin_ + pos, source_.text().size());
    }

private:
    struct size {
        std::size_t nodes = 1;
        std::size_t bytes = 0;
        std::size_t depth = 0;
    };
    struct frame {
        json::value value;
        document_place place;
        size extent;
        YAML::anchor_t anchor;
        std::string key{};
        std::size_t key_offset = 0;
        bool has_key = false;
    };
    struct known_value {
        json::value value;
        document_place place;
        size extent;
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view what) const { source_.refuse(offset(mark), what); }
    [[noreturn]] void too_deep(const YAML::Mark& mark) const
    {
        throw source_.fault(errc::limit_exceeded, offset(mark),
                            "YAML is nested more than " + std::to_string(max_depth) + " deep here");
    }
    bool wants_key() const { return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key; }
    void spend(const YAML::Mark& mark, const size& extent)
    {
        nodes_ += extent.nodes;
        bytes_ += extent.bytes;
        if (nodes_ > max_nodes || bytes_ > max_bytes)
            throw source_.fault(errc::limit_exceeded, offset(mark),
                                "YAML grows beyond " + std::to_string(max_nodes) + " values or " + std::to_string(max_bytes) +
                                    " bytes here, aliases opened");
    }
    void take_key(const YAML::Mark& mark, std::string key)
    {
        auto& parent = open_.back();
        if (parent.value.as_object().contains(key))
            refuse(mark, "the name \"" + key + "\" is given twice");
        spend(mark, size{0, key.size(), 0});
        parent.extent.bytes += key.size();
        parent.key = std::move(key);
        parent.key_offset = offset(mark);
        parent.has_key = true;
    }
    void open(const YAML::Mark& mark, const std::string& tag, std::string_view wanted, json::value empty, YAML::anchor_t anchor)
    {
        if (wants_key())
            refuse(mark, "a name is a text, not a list or an object");
        if (!one_of(tag, {"", "?", "!"}) && tag != std::string(core_tags) + std::string(wanted))
            refuse(mark, "the tag \"" + tag + "\" is not supported");
        if (open_.size() >= max_depth)
            too_deep(mark);
        open_.push_back(frame{std::move(empty), document_place{offset(mark), {}}, size{}, anchor});
        spend(mark, size{});
    }
    void close()
    {
        auto top = std::move(open_.back());
        open_.pop_back();
        keep(top.anchor, top.value, top.place, top.extent);
        attach(std::move(top.value), std::move(top.place), top.extent);
    }
    void finish(json::value made, document_place at, size extent, YAML::anchor_t anchor)
    {
        nodes_ += extent.nodes;
        bytes_ += extent.bytes;
        if (nodes_ > max_nodes || bytes_ > max_bytes)
            throw source_.fault(errc::limit_exceeded, at.offset, "YAML has more than " + std::to_string(max_nodes) + " values");
        keep(anchor, made, at, extent);
        attach(std::move(made), std::move(at), extent);
    }
    void keep(YAML::anchor_t anchor, const json::value& made, const document_place& at, const size& extent)
    {
        if (anchor == YAML::NullAnchor)
            return;
        bytes_ += extent.bytes;
        nodes_ += extent.nodes;
        anchors_.insert_or_assign(anchor, known_value{made, at, extent});
    }
    void attach(json::value made, document_place at, const size& extent)
    {
        if (open_.empty()) {
            value = std::move(made);
            place = std::move(at);
            done_ = true;
            return;
        }
        auto& parent = open_.back();
        parent.extent.nodes += extent.nodes;
        parent.extent.bytes += extent.bytes;
        parent.extent.depth = std::max(parent.extent.depth, extent.depth + 1);
        if (auto* list = parent.value.if_array()) {
            list->push_back(std::move(made));
        } else {
            parent.value.as_object().emplace(parent.key, std::move(made));
            parent.has_key = false;
            at.offset = parent.key_offset;
        }
        parent.place.children.push_back(std::move(at));
    }

    // YAML 1.2's core schema: "no" and "yes" are texts, and so is all that is quoted.
    json::value scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) const
    {
        if (tag == "!" || tag == std::string(core_tags) + "str")
            return json::value(text);
        const bool plain = tag == "?" || tag.empty();
        if (!plain && !tag.starts_with(core_tags))
            refuse(mark, "the tag \"" + tag + "\" is not supported");
        const auto type = plain ? std::string_view() : std::string_view(tag).substr(core_tags.size());
        if (!plain && !one_of(type, {"null", "bool", "int", "float"}))
            refuse(mark, "the tag \"" + tag + "\" is not supported");
        auto made = resolve(mark, text);
        const bool fits = plain || (type == "null" && made.is_null()) || (type == "bool" && made.is_bool()) ||
                          (type == "int" && made.is_number() && !made.is_double()) || (type == "float" && made.is_number());
        if (!fits)
            refuse(mark, "\"" + text + "\" is not what its tag \"" + tag + "\" says");
        return made;
    }
    json::value resolve(const YAML::Mark& mark, const std::string& text) const
    {
        if (one_of(text, {"", "~", "null", "Null", "NULL"}))
            return json::value();
        if (one_of(text, {"true", "True", "TRUE"}))
            return json::value(true);
        if (one_of(text, {"false", "False", "FALSE"}))
            return json::value(false);
        if (is_integer(text))
            return integer(mark, text, 10);
        if (text.size() > 2 && text.starts_with("0o") && all_of(text.substr(2), "01234567"))
            return integer(mark, text.substr(2), 8);
        if (text.size() > 2 && text.starts_with("0x") && all_of(text.substr(2), "0123456789abcdefABCDEF"))
            return integer(mark, text.substr(2), 16);
        double number = 0;
        if (is_float(text)) {
            if (!convert(text, number))
                refuse(mark, "the number " + text + " does not fit; put it in quotes to make it a text");
            return json::value(number);
        }
        std::string_view rest = text;
        if (rest.starts_with('-') || rest.starts_with('+'))
            rest.remove_prefix(1);
        if (one_of(rest, {".inf", ".Inf", ".INF"}) || one_of(text, {".nan", ".NaN", ".NAN"}))
            refuse(mark, text + " is no number that JSON knows; put it in quotes to make it a text");
        return json::value(text);
    }
    json::value integer(const YAML::Mark& mark, std::string_view digits, int base) const
    {
        std::int64_t small = 0;
        if (convert(digits, small, base))
            return json::value(small);
        std::uint64_t large = 0;
        if (!digits.starts_with('-') && convert(digits, large, base))
            return json::value(large);
        refuse(mark, "the number " + std::string(digits) + " does not fit 64 bits; put it in quotes to make it a text");
    }

    const template_source& source_;
    std::size_t begin_;
    std::vector<frame> open_{};
    std::map<YAML::anchor_t, known_value> anchors_{};
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
    bool done_ = false;
};

// yaml-cpp takes some of these for the end of the text.
void check_characters(const template_source& source, std::size_t begin, std::size_t end)
{
    const auto text = source.text();
    for (std::size_t i = begin; i < end; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F)
            source.refuse(i, "a control character is no part of YAML");
    }
}

}  // namespace

std::shared_ptr<const prompt_document> read_yaml_document(std::shared_ptr<const template_source> source, std::size_t begin,
                                                          std::size_t end)
{
    check_characters(*source, begin, end);
    std::istringstream in(std::string(source->text().substr(begin, end - begin)));
    tree_builder builder(*source, begin);
    try {
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& e) {
        throw source->fault(errc::invalid_template, builder.offset(e.mark), "this is no YAML: " + e.msg);
    }
    auto document = std::make_shared<prompt_document>();
    document->source = std::move(source);
    document->root = std::move(builder.value);
    document->places = std::move(builder.place);
    document->located = true;
    document->kind = "YAML";
    return document;
}

}  // namespace zincir::detail

#else

namespace zincir::detail {

std::shared_ptr<const prompt_document> read_yaml_document(std::shared_ptr<const template_source> source, std::size_t, std::size_t)
{
    throw error(errc::unsupported, "template \"" + source->name() +
                                       "\" has YAML, and this build reads none: install yaml-cpp (Debian: libyaml-cpp-dev) and "
                                       "configure again, or write the prompt as JSON");
}

}  // namespace zincir::detail

#endif
