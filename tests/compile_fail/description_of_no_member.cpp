#include <zincir/core/described.hpp>

struct recipe {
    int minutes;
};
BOOST_DESCRIBE_STRUCT(recipe, (), (minutes))

template <>
inline constexpr auto zincir::json_descriptions<recipe> = std::to_array<zincir::member_description>({{"minuts", "how long"}});

auto schema = zincir::json_schema<recipe>();
