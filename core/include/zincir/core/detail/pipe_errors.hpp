#pragma once

#include <zincir/core/function_step.hpp>

// What the compiler says of a `|` whose operands do not fit. The types stand in the name of what is asserted, so that they are in
// the message's first line.

namespace zincir::detail {

template <class Output>
struct left_step_produces {};
template <class Input>
struct right_step_expects {};
template <class Produces, class Expects>
inline constexpr bool steps_fit = false;

template <class T>
struct left_operand {};
template <class T>
struct right_operand {};
template <class Operand>
inline constexpr bool is_a_step = false;
template <class Operand>
inline constexpr bool has_one_known_input_type = false;

/// What a refused `|` makes: no step, so that the compiler has nothing more to say.
struct steps_that_do_not_fit {};

template <class F>
concept has_parameter = requires { typename parameter<std::decay_t<F>>::type; };

/// T says that it is a step.
template <class T>
concept claims_to_be_a_step = requires {
    typename T::input_type;
    typename T::output_type;
};

/// Which side of a pipe T was on, as Operand, tells what is wrong with it: T is no step, and no function that could be one.
template <class T, class Operand>
constexpr void refuse_operand()
{
    if constexpr (claims_to_be_a_step<T>)
        static_assert(is_a_step<Operand>,
                      "zincir: this type is no step: besides input_type and output_type it needs a coroutine "
                      "`awaitable<output_type> invoke(input_type, run_context) const`, and it must be copyable");
    else if constexpr (std::is_class_v<T>)
        static_assert(
            has_one_known_input_type<Operand>,
            "zincir: this is no step, and no function whose input type can be read off (it is overloaded, generic, `mutable` "
            "or takes more than one input): write make_step<Input>(f), with a const call operator");
    else
        static_assert(is_a_step<Operand>, "zincir: this is neither a step nor a function with one input");
}

}  // namespace zincir::detail
