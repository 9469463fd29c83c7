#pragma once

#include <zincir/prompts/prompt_template.hpp>

#include <limits>
#include <variant>

namespace zincir {

/// A place in a chat prompt where messages come in: the conversation so far, most often.
class messages_placeholder {
public:
    explicit messages_placeholder(std::string name) : name_(std::move(name)) {}
    /// May be left out of the values; then nothing comes in.
    [[nodiscard]] messages_placeholder optional() const;
    /// Only the last `n` messages come in.
    [[nodiscard]] messages_placeholder last(std::size_t n) const;

    const std::string& name() const noexcept { return name_; }
    bool is_optional() const noexcept { return optional_; }
    std::size_t limit() const noexcept { return limit_; }

private:
    std::string name_;
    bool optional_ = false;
    std::size_t limit_ = std::numeric_limits<std::size_t>::max();
};

/// A message that goes into a prompt as it is: its braces are text.
class verbatim {
public:
    explicit verbatim(message m) : message_(std::move(m)) {}
    const message& get() const noexcept { return message_; }

private:
    message message_;
};

/// One part of a chat prompt: a message whose texts, addresses of pictures, sounds and files, and their names are templates; a
/// placeholder; or a message as it is.
using chat_prompt_part = std::variant<message, messages_placeholder, verbatim>;

namespace detail {

/// A part of a prompt file, with the options of each of its templates; the last ones hold for the rest.
struct sourced_part {
    chat_prompt_part part;
    std::vector<template_options> options;
};

/// What chat_prompt_template is for all types of input. Immutable once built.
class chat_program {
public:
    chat_program(std::vector<chat_prompt_part> parts, template_options options);
    /// `options` say what errors call the whole.
    chat_program(std::vector<sourced_part> parts, template_options options);
    /// The parts of `second` behind those of `first`.
    chat_program(const chat_program& first, const chat_program& second);
    ~chat_program();
    const template_options& options() const noexcept { return options_; }
    messages format(const values& input, const partials* given) const;
    std::vector<std::string> variables(const partials* given) const;
    /// Throws errc::invalid_template for a variable that `names` lacks.
    void check_names(const std::vector<std::string>& names, const partials* given) const;
    json::object input_schema(const partials* given) const;
    prompt_explanation explain(const partials* given) const;
    std::string pretty() const;

private:
    struct part;
    void add(chat_prompt_part source, const std::vector<std::shared_ptr<const template_options>>& options);
    std::vector<part> parts_;
    template_options options_;
};

std::shared_ptr<const partials> add_partial(std::shared_ptr<const partials> old, std::string_view name, prompt_value value);
std::shared_ptr<const partials> merge_partials(std::shared_ptr<const partials> first, std::shared_ptr<const partials> second);
std::shared_ptr<const partials> add_partial(std::shared_ptr<const partials> old, std::string_view name,
                                            std::function<prompt_value()> f);

template <class Vars>
std::vector<std::string> member_names()
{
    std::vector<std::string> names;
    boost::mp11::mp_for_each<detail::members<Vars>>([&](auto d) { names.emplace_back(d.name); });
    return names;
}

}  // namespace detail

/// Messages with variables: `chat_prompt_template(system("You are {role}."), messages_placeholder("history"), user("{question}"))`.
///
/// A step Vars → messages; rules and errors are prompt_template's, and an error says in which message. Roles and names are
/// not templates, values are never looked at again. A placeholder without its messages is errc::missing_variable, one with
/// something else errc::invalid_argument. Cheap to copy, immutable, thread-safe.
///
/// An address becomes http, https or data: (check_media_url); where it is one variable, as in `image_url("{picture}")`, its value
/// may also be an image_block, base64, or bytes whose type shows. Anything else is errc::invalid_argument, so no value makes a
/// template read a file. A part of several that renders to nothing is left out, and so is one whose address was not given at the
/// call.
///
/// `Vars` is `values`, or a described struct whose members are the variables: `chat_prompt_template<question>(…)` throws
/// errc::invalid_template at construction for a variable that the struct does not have.
template <class Vars = values>
class chat_prompt_template : public step<Vars, messages> {
public:
    template <class... Parts>
        requires(sizeof...(Parts) > 0 && (std::constructible_from<chat_prompt_part, Parts> && ...))
    explicit chat_prompt_template(Parts... parts) : chat_prompt_template(list_of(std::move(parts)...))
    {}
    explicit chat_prompt_template(std::vector<chat_prompt_part> parts, template_options options = template_options())
        : program_(std::make_shared<const detail::chat_program>(std::move(parts), std::move(options)))
    {
        if constexpr (!std::same_as<Vars, values>)
            program_->check_names(detail::member_names<Vars>(), nullptr);
    }

    /// What a prompt file holds.
    explicit chat_prompt_template(std::shared_ptr<const detail::chat_program> program) : program_(std::move(program)) {}

    messages format(const Vars& input) const { return program_->format(input, partials_.get()); }
    awaitable<messages> invoke(Vars input, run_context = {}) const
    {
        // Holds what it works with: the template itself may go.
        return run(program_, partials_, std::move(input));
    }

    /// See prompt_template::partial. The value may be messages for a placeholder.
    [[nodiscard]] chat_prompt_template partial(std::string_view name, prompt_value value) const
    {
        return with(detail::add_partial(partials_, name, std::move(value)));
    }
    [[nodiscard]] chat_prompt_template partial(std::string_view name, std::function<prompt_value()> f) const
    {
        return with(detail::add_partial(partials_, name, std::move(f)));
    }
    /// See prompt_template::optional; for a placeholder use messages_placeholder::optional.
    [[nodiscard]] chat_prompt_template optional(std::string_view name) const { return partial(name, prompt_value::nothing()); }

    /// The messages of both, those of `second` last. Values given beforehand hold for both; throws errc::invalid_argument for one
    /// that both were given.
    friend chat_prompt_template operator+(const chat_prompt_template& first, const chat_prompt_template& second)
    {
        auto both = first;
        both.program_ = std::make_shared<const detail::chat_program>(*first.program_, *second.program_);
        both.partials_ = detail::merge_partials(first.partials_, second.partials_);
        return both;
    }
    /// Likewise with one part more, which has the options of the prompt.
    template <std::convertible_to<chat_prompt_part> Part>
    friend chat_prompt_template operator+(const chat_prompt_template& first, Part part)
    {
        return first + chat_prompt_template(list_of(std::move(part)), first.program_->options());
    }

    /// The variables a call must give, sorted; optional placeholders are not among them.
    std::vector<std::string> variables() const { return program_->variables(partials_.get()); }
    /// See prompt_template; a described struct has its own schema, and a placeholder takes messages.
    json::object input_schema() const
    {
        if constexpr (std::same_as<Vars, values>)
            return program_->input_schema(partials_.get());
        else
            return json_schema<Vars>();
    }
    prompt_explanation explain() const { return program_->explain(partials_.get()); }
    /// The messages with their variables as written, below their titles, for people to read.
    std::string pretty() const { return program_->pretty(); }
    std::string_view step_name() const noexcept { return "chat_prompt_template"; }

private:
    template <class... Parts>
    static std::vector<chat_prompt_part> list_of(Parts... parts)
    {
        std::vector<chat_prompt_part> list;
        list.reserve(sizeof...(Parts));
        (list.emplace_back(std::move(parts)), ...);
        return list;
    }
    chat_prompt_template with(std::shared_ptr<const detail::partials> given) const
    {
        auto copy = *this;
        copy.partials_ = std::move(given);
        return copy;
    }
    static awaitable<messages> run(std::shared_ptr<const detail::chat_program> program,
                                   std::shared_ptr<const detail::partials> given, Vars input)
    {
        co_return program->format(input, given.get());
    }

    std::shared_ptr<const detail::chat_program> program_;
    std::shared_ptr<const detail::partials> partials_{};
};

template <class... Parts>
chat_prompt_template(Parts...) -> chat_prompt_template<values>;

}  // namespace zincir
