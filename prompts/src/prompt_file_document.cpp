#include "prompt_file_document.hpp"

#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/core/detail/utf8.hpp>
#include <zincir/prompts/template_options.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

namespace zincir::detail {
namespace {

constexpr std::size_t max_depth = 64;

std::string_view kind_of(const json::value& value)
{
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "true or false";
        case json::kind::string:
            return "a text";
        case json::kind::array:
            return "a list";
        case json::kind::object:
            return "an object";
        default:
            return "a number";
    }
}

// Steps over a JSON text that is known to be valid.
class json_walker {
public:
    explicit json_walker(std::string_view text) : text_(text) { blanks(); }

    std::size_t at() const noexcept { return at_; }
    // Into the member of that key, whose offset it returns.
    std::size_t enter(std::string_view key)
    {
        ++at_;
        for (blanks(); peek() == '"'; separator()) {
            const auto begin = at_;
            skip();
            const bool found = json::parse(text_.substr(begin, at_ - begin)).as_string() == key;
            separator();
            if (found)
                return begin;
            skip();
        }
        return at_;
    }
    void enter(std::size_t index)
    {
        ++at_;
        for (blanks(); index > 0; --index) {
            skip();
            separator();
        }
    }

private:
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    void blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    void separator()
    {
        blanks();
        if (peek() == ',' || peek() == ':')
            ++at_;
        blanks();
    }
    void skip_text()
    {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
            at_ += text_[at_] == '\\';
        at_ = std::min(at_ + 1, text_.size());
    }
    void skip()
    {
        std::size_t depth = 0;
        do {
            const char c = peek();
            if (c == '"') {
                skip_text();
            } else {
                depth += c == '[' || c == '{';
                depth -= (c == ']' || c == '}') && depth > 0;
                ++at_;
                if (depth == 0 && c != ']' && c != '}')
                    at_ = std::min(text_.find_first_of(" \t\r\n,:]}", at_), text_.size());
            }
        } while (depth > 0 && at_ < text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// The offset that "… line 2, column 5 …" of a JSON error stands for.
std::size_t offset_of(std::string_view text, std::size_t line, std::size_t column)
{
    std::size_t at = 0;
    for (; line > 1 && at < text.size(); --line)
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    for (; column > 1 && at < text.size(); --column)
        do {
            ++at;
        } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    return at;
}

std::size_t number_behind(std::string_view text, std::string_view word)
{
    const auto at = text.find(word);
    return at == std::string_view::npos ? 1 : static_cast<std::size_t>(std::strtoul(text.data() + at + word.size(), nullptr, 10));
}

}  // namespace

std::string clean_text(std::string_view bytes, const std::string& name)
{
    if (const auto bad = find_invalid_utf8(bytes); bad != std::string_view::npos)
        throw error(errc::invalid_template, "template \"" + name + "\" is not UTF-8: byte " + std::to_string(bad));
    if (bytes.starts_with("\xEF\xBB\xBF"))
        bytes.remove_prefix(3);
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n')
            continue;
        text += bytes[i] == '\r' ? '\n' : bytes[i];
    }
    return text;
}

std::size_t locate_in_json(std::string_view text, const document_path& path)
{
    json_walker walker(text);
    std::size_t offset = walker.at();
    for (const auto& step : path) {
        if (const auto* key = std::get_if<std::string>(&step)) {
            offset = walker.enter(*key);
        } else {
            walker.enter(std::get<std::size_t>(step));
            offset = walker.at();
        }
    }
    return offset;
}

std::shared_ptr<const prompt_document> read_json_document(std::shared_ptr<const template_source> source)
{
    json_limits limits;
    limits.depth = max_depth;
    auto parsed = try_parse_json(source->text(), limits);
    if (!parsed) {
        const auto& why = parsed.error();
        const std::string_view message = why.facts().message;
        throw source->fault(why.code() == errc::limit_exceeded ? errc::limit_exceeded : errc::invalid_template,
                            offset_of(source->text(), number_behind(message, "line "), number_behind(message, "column ")),
                            "this is no JSON: " + std::string(message.substr(0, message.find('\n'))));
    }
    auto document = std::make_shared<prompt_document>();
    document->source = std::move(source);
    document->root = std::move(*parsed);
    document->kind = "JSON";
    return document;
}

document_node::document_node(const document_node& parent, const json::value& value, std::variant<std::string, std::size_t> step)
    : document_(parent.document_), value_(&value), path_(parent.path_)
{
    path_.push_back(std::move(step));
}

std::string document_node::label() const
{
    std::string all;
    for (const auto& step : path_) {
        if (const auto* key = std::get_if<std::string>(&step))
            all += (all.empty() ? "" : ".") + *key;
        else
            all += "[" + std::to_string(std::get<std::size_t>(step)) + "]";
    }
    return all.empty() ? "the document" : all;
}

std::size_t document_node::offset() const
{
    if (!document_->located)
        return locate_in_json(document_->source->text(), path_);
    const auto* place = &document_->places;
    const auto* value = &document_->root;
    for (const auto& step : path_) {
        std::size_t index = 0;
        if (const auto* key = std::get_if<std::string>(&step)) {
            const auto* at = value->as_object().find(*key);
            index = static_cast<std::size_t>(at - value->as_object().begin());
            value = &at->value();
        } else {
            index = std::get<std::size_t>(step);
            value = &value->as_array()[index];
        }
        place = &place->children.at(index);
    }
    return place->offset;
}

error document_node::fault(std::string_view what, errc code) const
{
    return document_->source->fault(code, offset(), label() + ": " + std::string(what));
}

const json::object& document_node::object() const
{
    if (const auto* o = value_->if_object())
        return *o;
    refuse("this is " + std::string(kind_of(*value_)) + "; an object is wanted");
}

const json::array& document_node::array() const
{
    if (const auto* a = value_->if_array())
        return *a;
    refuse("this is " + std::string(kind_of(*value_)) + "; a list is wanted");
}

std::string document_node::text() const
{
    if (const auto* s = value_->if_string())
        return std::string(s->data(), s->size());
    refuse("this is " + std::string(kind_of(*value_)) + "; a text is wanted" +
           (value_->is_structured() ? "" : ": put it in quotes"));
}

bool document_node::boolean() const
{
    if (const auto* b = value_->if_bool())
        return *b;
    refuse("this is " + std::string(kind_of(*value_)) + "; true or false is wanted");
}

std::int64_t document_node::integer() const
{
    if (const auto* i = value_->if_int64())
        return *i;
    refuse("this is " + std::string(value_->is_double() ? "a number with a fraction" : kind_of(*value_)) +
           "; an integer is wanted");
}

double document_node::number() const
{
    if (!value_->is_number())
        refuse("this is " + std::string(kind_of(*value_)) + "; a number is wanted");
    return value_->to_number<double>();
}

std::vector<std::string> document_node::texts() const
{
    std::vector<std::string> all;
    for (const auto& e : elements())
        all.push_back(e.text());
    return all;
}

std::unique_ptr<document_node> document_node::find(std::string_view key) const
{
    const auto* value = object().if_contains(key);
    return !value || value->is_null() ? nullptr
                                      : std::unique_ptr<document_node>(new document_node(*this, *value, std::string(key)));
}

document_node document_node::member(std::string_view key) const
{
    auto found = find(key);
    if (!found)
        refuse("\"" + std::string(key) + "\" is missing");
    return std::move(*found);
}

document_node document_node::element(std::size_t i) const { return document_node(*this, array().at(i), i); }

std::vector<document_node> document_node::elements() const
{
    std::vector<document_node> all;
    for (std::size_t i = 0; i < array().size(); ++i)
        all.push_back(element(i));
    return all;
}

void document_node::only(const std::vector<std::string>& known) const
{
    for (const auto& member : object()) {
        const std::string key(member.key());
        if (std::find(known.begin(), known.end(), key) != known.end())
            continue;
        const auto near = nearest_name(key, known);
        throw document_node(*this, member.value(), key)
            .fault("there is no member of this name here" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
}

}  // namespace zincir::detail
