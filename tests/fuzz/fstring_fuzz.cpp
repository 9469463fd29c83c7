#include "template_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return zincir::testing::check_template(zincir::testing::text_of(data, size), zincir::template_format::fstring);
}
