#include "template_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return zincir::testing::render_anything(std::string_view(reinterpret_cast<const char*>(data), size),
                                            zincir::template_format::handlebars);
}
