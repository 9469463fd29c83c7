#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace zincir::testing {

/// Sets an environment variable, or with null removes it, until the end of the scope.
class environment_guard {
public:
    environment_guard(std::string name, const char* value) : name_(std::move(name))
    {
        if (const char* old = std::getenv(name_.c_str()))
            old_ = old;
        set(value);
    }
    ~environment_guard() { set(old_ ? old_->c_str() : nullptr); }
    environment_guard(const environment_guard&) = delete;
    environment_guard& operator=(const environment_guard&) = delete;

private:
    void set(const char* value) const
    {
        if (value)
            ::setenv(name_.c_str(), value, 1);
        else
            ::unsetenv(name_.c_str());
    }
    std::string name_;
    std::optional<std::string> old_{};
};

}  // namespace zincir::testing
