#pragma once

#include <zincir/prompts/detail/literal_values.hpp>
#include <zincir/prompts/detail/suggested_name.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <tuple>

namespace zincir {

inline namespace literals {
/// `"topic"_a = "bears"`: a value by name, for static_prompt_template. Holds a reference: for use within the call.
template <detail::fixed_string Name>
consteval detail::argument_name<Name> operator""_a()
{
    return {};
}
}  // namespace literals

/// A prompt in the source text, read by the compiler: `"Tell me about {topic} in {language}"_prompt`.
///
/// Its syntax is prompt_template's f-string format; a fault in it, a variable without value, and a value that is no variable of it
/// do not compile, and the error names what is meant. Rendering is straight-line code into one buffer:
///
///     auto ask = "Tell me about {topic} in {language}"_prompt;
///     ask.format("topic"_a = "bears", "language"_a = "Turkish");
///
/// A step values → text, as prompt_template is, to which it converts; `format(values)` and `invoke` throw the same, but know no
/// template_limits. With `of<question>()` it is a step of a described struct, whose members the compiler checks too. Empty and
/// thread-safe.
template <detail::fixed_string Text>
class static_prompt_template : public step<values, std::string> {
    static constexpr auto program = detail::parse_literal(Text);
    static_assert(detail::fault_at_byte<program.fault, program.fault_offset>,
                  "zincir: this prompt is malformed: the next lines name the fault and its byte; {{ and }} stand for braces");

public:
    static constexpr std::string_view text() noexcept { return Text.view(); }

    /// All values by name, in any order. Throws errc::invalid_argument for one that does not fit its format specification.
    template <detail::fixed_string... Names, class... Ts>
    std::string format(detail::named_argument<Names, Ts>... arguments) const
    {
        std::string out;
        format_to(out, arguments...);
        return out;
    }
    /// Likewise, appended to `out`.
    template <detail::fixed_string... Names, class... Ts>
    void format_to(std::string& out, detail::named_argument<Names, Ts>... arguments) const
    {
        (check_name<Names>(), ...);
        append(out, std::tie(arguments...), [](const auto& all, auto index) -> const auto& {
            constexpr auto at = position<index(), Names...>();
            static_assert(at < sizeof...(Names) || detail::no_value_is_given_for<detail::spelled<name_at<index()>()>,
                                                                                 detail::suggested<name_at<index()>(), Names...>>,
                          "zincir: a variable of this prompt has no value: the next lines name it");
            return std::get<at>(all).value;
        });
    }
    /// The members of a described struct; those that are no variables are left out.
    template <described_struct Struct>
    std::string format(const Struct& input) const
    {
        std::string out;
        append(out, input, [](const Struct& all, auto index) -> const auto& {
            constexpr auto pointer = member<Struct, index()>();
            static_assert(!std::same_as<decltype(pointer), const std::nullptr_t> ||
                              detail::no_value_is_given_for<detail::spelled<name_at<index()>()>,
                                                            detail::nearest_member<Struct, name_at<index()>()>>,
                          "zincir: a variable of this prompt is no member of the struct: the next lines name it");
            return all.*pointer;
        });
        return out;
    }
    std::string format(const values& input) const
    {
        std::string out;
        detail::render_literal(out, view(), input);
        return out;
    }
    awaitable<std::string> invoke(values input, run_context = {}) const { return run(std::move(input)); }

    /// The same prompt as a step Struct → text.
    template <described_struct Struct>
    auto of() const
    {
        return make_step([](const Struct& input) { return static_prompt_template().format(input); });
    }
    /// The same prompt, checked at run time from here on: for partial values and containers of prompts.
    operator prompt_template() const { return prompt_template(text()); }
    /// The text, for the messages of a chat prompt: `user("{question}"_prompt)`.
    operator std::string() const { return std::string(text()); }
    std::vector<std::string> variables() const { return prompt_template(text()).variables(); }
    /// As prompt_template's, from which on it is checked at run time.
    [[nodiscard]] prompt_template partial(std::string_view name, prompt_value value) const
    {
        return prompt_template(text()).partial(name, std::move(value));
    }
    [[nodiscard]] prompt_template partial(std::string_view name, std::function<prompt_value()> f) const
    {
        return prompt_template(text()).partial(name, std::move(f));
    }
    [[nodiscard]] prompt_template optional(std::string_view name) const { return prompt_template(text()).optional(name); }
    json::object input_schema() const { return prompt_template(text()).input_schema(); }
    prompt_explanation explain() const { return prompt_template(text()).explain(); }
    std::string pretty() const { return std::string(text()); }
    std::string_view step_name() const noexcept { return "prompt_template"; }

private:
    static constexpr detail::literal_view view() noexcept
    {
        return {Text.view(), program.literals, program.fields, program.count, {program.literals + program.tail, program.tail_size}};
    }
    static constexpr std::string_view name_of(std::size_t field) { return program.fields[field].name_in(Text.view()); }
    template <std::size_t Field>
    static consteval auto name_at()
    {
        constexpr auto name = name_of(Field);
        return detail::fixed_string<name.size() + 1>(name.data(), name.size());
    }
    template <std::size_t Field, detail::fixed_string... Names>
    static consteval std::size_t position()
    {
        std::size_t at = 0;
        static_cast<void>(((name_of(Field) == Names.view() || (++at, false)) || ...));
        return at;
    }
    template <detail::fixed_string Name>
    static consteval void check_name()
    {
        constexpr bool known = [] {
            bool found = false;
            for (std::size_t i = 0; i < program.count; ++i)
                found = found || name_of(i) == Name.view();
            return found;
        }();
        static_assert(known || detail::the_prompt_has_no_variable<detail::spelled<Name>, nearest_variable<Name>>,
                      "zincir: a value is given that is no variable of this prompt, misspelt or surplus: the next lines name it");
    }
    template <detail::fixed_string Name, std::size_t... I>
    static auto suggest_variable(std::index_sequence<I...>) -> detail::suggested<Name, name_at<I>()...>*;
    template <detail::fixed_string Name>
    using nearest_variable = std::remove_pointer_t<decltype(suggest_variable<Name>(std::make_index_sequence<program.count>()))>;
    template <class Struct, std::size_t Field>
    static consteval auto member()
    {
        using all = detail::members<Struct>;
        using found = boost::mp11::mp_find_if_q<all, has_name<Field>>;
        if constexpr (found::value < boost::mp11::mp_size<all>::value)
            return boost::mp11::mp_at<all, found>::pointer;
        else
            return nullptr;
    }
    template <std::size_t Field>
    struct has_name {
        template <class D>
        using fn = boost::mp11::mp_bool<name_of(Field) == D::name>;
    };
    template <class Source, class Get>
    static void append(std::string& out, const Source& source, Get get)
    {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (append_one<I>(out, get(source, std::integral_constant<std::size_t, I>())), ...);
        }(std::make_index_sequence<program.count>());
        out.append(program.literals + program.tail, program.tail_size);
    }
    template <std::size_t Field, class T>
    static void append_one(std::string& out, const T& value)
    {
        constexpr auto field = program.fields[Field];
        out.append(program.literals + field.literal, field.literal_size);
        detail::append_value(out, view(), program.fields[Field], value);
    }
    static awaitable<std::string> run(values input) { co_return static_prompt_template().format(input); }
};

/// Both texts, one behind the other, read by the compiler.
template <detail::fixed_string First, detail::fixed_string Second>
consteval auto operator+(static_prompt_template<First>, static_prompt_template<Second>)
{
    return static_prompt_template<detail::joined<First, Second>()>();
}

/// The second text is read at run time.
template <detail::fixed_string First>
prompt_template operator+(static_prompt_template<First>, std::string_view second)
{
    return prompt_template(First.view()) + second;
}

inline namespace literals {
template <detail::fixed_string Text>
consteval static_prompt_template<Text> operator""_prompt()
{
    return {};
}
}  // namespace literals

}  // namespace zincir
