#pragma once

#include <zincir/core/chat_request.hpp>

#include <string>
#include <vector>

namespace zincir::peers {

/// A call by its name, as a user of the library would write it.
struct request_case {
    std::string name{};
    zincir::messages messages{};
    chat_options options{};
    std::vector<tool_definition> tools{};
};

/// Every setting, tool choice, format and form of message that the codec can write, one or a few a case.
std::vector<request_case> request_cases();

}  // namespace zincir::peers
