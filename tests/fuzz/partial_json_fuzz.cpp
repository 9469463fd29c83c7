// The unfinished JSON of a model: always a value or a typed error, and the whole value where the text is whole.

#include "property.hpp"

#include <zincir/core/json.hpp>

#include <boost/json/serialize.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace zincir;
    const auto text = testing::text_of(data, size);
    const auto whole = try_parse_json(text);
    const auto partial = try_parse_partial_json(text);
    if (whole) {
        testing::require(partial.has_value(), "whole JSON is partial JSON");
        testing::require(*whole == *partial, "the two parsers agree on whole JSON");
        static_cast<void>(pretty_json(*whole));
    } else {
        testing::require(testing::is_utf8(whole.error().facts().message), "an error is UTF-8");
    }
    if (!partial) {
        testing::require(partial.error().code() == errc::output_mismatch || partial.error().code() == errc::limit_exceeded,
                         "partial JSON fails as unusable");
        return 0;
    }
    const auto written = boost::json::serialize(*partial);
    testing::require(testing::is_utf8(written), "a value is UTF-8");
    // Of a number with many digits the last may change: Boost.JSON's rounding.
    const auto again = try_parse_partial_json(written);
    testing::require(again.has_value() && again->kind() == partial->kind(), "what was made whole is whole");
    // Cut anywhere, it is still a beginning.
    if (whole && size > 1) {
        const auto cut = try_parse_partial_json(text.substr(0, 1 + testing::mixed(text) % (size - 1)));
        testing::require(cut.has_value() || cut.error().code() == errc::output_mismatch,
                         "a beginning of JSON is usable or too short");
    }
    return 0;
}
