#pragma once

#include <boost/json/array.hpp>

namespace zincir::detail {

/// Puts copies of `from` behind the elements of `to`. array::insert of Boost.JSON 1.81 leaves those of a range in the memory of
/// `from`, which may be gone before `to` is.
inline void append(boost::json::array& to, const boost::json::array& from)
{
    for (const auto& element : from)
        to.push_back(element);
}

}  // namespace zincir::detail
