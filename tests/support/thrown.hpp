#pragma once

#include <zincir/core/error.hpp>

#include <exception>

namespace zincir::testing {

/// What `f` throws; an error without a code if it throws nothing.
template <class F>
error thrown_by(F f)
{
    try {
        f();
    } catch (...) {
        return to_error(std::current_exception());
    }
    return error();
}

}  // namespace zincir::testing
