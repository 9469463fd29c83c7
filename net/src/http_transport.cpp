#include <zincir/net/http_transport.hpp>

#include "address.hpp"

#include <algorithm>

namespace zincir {

using detail::same_name;

void http_headers::set(std::string_view name, std::string value)
{
    const auto named = [&](const auto& field) { return same_name(field.first, name); };
    const auto first = std::ranges::find_if(fields_, named);
    if (first == fields_.end()) {
        add(std::string(name), std::move(value));
        return;
    }
    first->second = std::move(value);
    fields_.erase(std::remove_if(first + 1, fields_.end(), named), fields_.end());
}

std::optional<std::string_view> http_headers::get(std::string_view name) const noexcept
{
    for (const auto& [field, value] : fields_)
        if (same_name(field, name))
            return value;
    return std::nullopt;
}

awaitable<std::string> read_all(stream<std::string> body, std::size_t limit)
{
    std::string whole;
    while (auto piece = co_await body.next()) {
        if (piece->size() > limit - whole.size())
            throw error(errc::limit_exceeded, "the reply's body is longer than the limit of " + std::to_string(limit) + " bytes");
        if (whole.empty())
            whole = std::move(*piece);
        else
            whole += *piece;
    }
    co_return whole;
}

}  // namespace zincir
