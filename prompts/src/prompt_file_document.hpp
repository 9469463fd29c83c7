#pragma once

#include "template_source.hpp"

#include <zincir/core/json.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace zincir::detail {

/// A text from a file as this library reads it: without a byte order mark, each line ended by "\n". Throws errc::invalid_template
/// with the offset of the byte for what is not UTF-8. `name` is what errors call it.
std::string clean_text(std::string_view bytes, const std::string& name);

/// Where the value with the same place in the JSON tree stands: a member at its key. The members and elements follow their order.
struct document_place {
    std::size_t offset = 0;
    std::vector<document_place> children{};
};

/// What a JSON or YAML text says, with its places, for errors. Immutable.
struct prompt_document {
    std::shared_ptr<const template_source> source;
    json::value root{};
    document_place places{};
    bool located = false;     // else the text is JSON, and a place is looked for when an error needs it
    std::string_view kind{};  // "JSON" or "YAML"
};

/// Both take `begin` … `end` of the source's text, and throw errc::invalid_template with line, column and an excerpt. YAML throws
/// errc::unsupported where the library was built without yaml-cpp.
std::shared_ptr<const prompt_document> read_json_document(std::shared_ptr<const template_source> source);
std::shared_ptr<const prompt_document> read_yaml_document(std::shared_ptr<const template_source> source, std::size_t begin,
                                                          std::size_t end);

using document_path = std::vector<std::variant<std::string, std::size_t>>;

/// The offset of the value at `path` of a valid JSON text, of a member its key's.
std::size_t locate_in_json(std::string_view text, const document_path& path);

/// One value of a document, and the way to it. Keeps the document alive.
class document_node {
public:
    explicit document_node(std::shared_ptr<const prompt_document> document)
        : document_(std::move(document)), value_(&document_->root)
    {}
    const json::value& value() const noexcept { return *value_; }
    bool is_null() const noexcept { return value_->is_null(); }
    /// How errors name it: "kwargs.messages[2]", or "the document".
    std::string label() const;
    std::size_t offset() const;
    const template_source& source() const noexcept { return *document_->source; }
    error fault(std::string_view what, errc code = errc::invalid_template) const;
    [[noreturn]] void refuse(std::string_view what) const { throw fault(what); }

    /// Throw where the value is something else.
    const json::object& object() const;
    const json::array& array() const;
    std::string text() const;
    bool boolean() const;
    std::int64_t integer() const;
    double number() const;
    std::vector<std::string> texts() const;

    /// Throws where it is no object.
    bool has(std::string_view key) const { return object().contains(key); }
    /// The member, or nothing where it is missing or null.
    std::unique_ptr<document_node> find(std::string_view key) const;
    /// Throws where there is none, or null.
    document_node member(std::string_view key) const;
    /// Likewise; throws std::out_of_range where there is none.
    document_node member_or_null(std::string_view key) const { return document_node(*this, object().at(key), std::string(key)); }
    document_node element(std::size_t i) const;
    std::vector<document_node> elements() const;
    /// Throws for a member that is not in `known`, with the nearest of them.
    void only(const std::vector<std::string>& known) const;

private:
    document_node(const document_node& parent, const json::value& value, std::variant<std::string, std::size_t> step);
    std::shared_ptr<const prompt_document> document_;
    const json::value* value_;
    document_path path_{};
};

}  // namespace zincir::detail
