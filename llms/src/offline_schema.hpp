#pragma once

#include <zincir/core/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail::offline {

struct filled {
    json::value value{};
    std::vector<std::string> warnings{};  ///< keywords of the schema that nothing looked at
};

/// An instance of `schema` made of the words and numbers of `text`. The same arguments make the same instance.
/// Throws errc::unsupported for a schema that nothing fits: `false`, an empty enum, a required member inside itself without end.
filled fill_schema(const json::object& schema, std::string_view text);

}  // namespace zincir::detail::offline
