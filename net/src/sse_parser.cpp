#include <zincir/net/sse_parser.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace zincir {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t max_strays = 4096;

const char* find(const char* from, const char* to, char c) noexcept
{
    if (from == to)
        return to;
    const auto* at = static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(to - from)));
    return at ? at : to;
}

}  // namespace

void sse_parser::feed(std::string_view bytes)
{
    if (ended_)
        return;
    in_ = bytes;
    while (bom_matched_ < byte_order_mark.size() && !in_.empty()) {
        if (in_.front() != byte_order_mark[bom_matched_]) {
            partial_.assign(byte_order_mark.substr(0, bom_matched_));
            bom_matched_ = byte_order_mark.size();
            break;
        }
        in_.remove_prefix(1);
        ++bom_matched_;
    }
    if (skip_lf_ && !in_.empty()) {
        skip_lf_ = false;
        if (in_.front() == '\n')
            in_.remove_prefix(1);
    }
    next_lf_ = next_cr_ = nullptr;
}

std::optional<sse_event> sse_parser::next()
{
    if (delivered_)
        begin_event();
    if (ended_)
        return std::nullopt;
    while (take_line()) {
        if (!line_view_.empty()) {
            take_field();
        } else if (data_lines_ > 0) {
            delivered_ = true;
            return current();
        } else {
            begin_event();
        }
    }
    keep_bytes();
    return std::nullopt;
}

std::optional<sse_event> sse_parser::finish()
{
    if (delivered_)
        begin_event();
    if (ended_)
        return std::nullopt;
    if (bom_matched_ < byte_order_mark.size())
        partial_.assign(byte_order_mark.substr(0, bom_matched_));
    if (!partial_.empty()) {
        held_.swap(partial_);
        partial_.clear();
        line_view_ = held_;
        take_field();
    }
    ended_ = true;
    if (data_lines_ == 0 && type_.empty())
        return std::nullopt;
    return current();
}

// Both positions are remembered, so that a long read with one kind of line end is not searched for the other at every line.
void sse_parser::read_line_ends()
{
    const char* begin = in_.data();
    const char* end = begin + in_.size();
    if (!next_lf_ || next_lf_ < begin)
        next_lf_ = find(begin, end, '\n');
    if (!next_cr_ || next_cr_ < begin)
        next_cr_ = find(begin, end, '\r');
}

bool sse_parser::take_line()
{
    if (in_.empty())
        return false;
    read_line_ends();
    const char* begin = in_.data();
    const char* end = begin + in_.size();
    const char* eol = std::min(next_lf_, next_cr_);
    const auto length = static_cast<std::size_t>(eol - begin);
    if (partial_.size() + length > limits_.line)
        fail("line", limits_.line);
    if (eol == end) {
        partial_.append(begin, length);
        in_ = {};
        return false;
    }
    if (partial_.empty()) {
        line_view_ = in_.substr(0, length);
    } else {
        partial_.append(begin, length);
        keep_bytes();
        held_.swap(partial_);
        partial_.clear();
        line_view_ = held_;
    }
    const char* rest = eol + 1;
    if (*eol == '\r') {
        if (rest == end)
            skip_lf_ = true;
        else if (*rest == '\n')
            ++rest;
    }
    in_ = std::string_view(rest, static_cast<std::size_t>(end - rest));
    return true;
}

void sse_parser::take_field()
{
    const auto line = line_view_;
    if (line.starts_with("data:")) {
        add_data(line.substr(line.size() > 5 && line[5] == ' ' ? 6 : 5));
        return;
    }
    const auto colon = line.find(':');
    if (colon == 0)
        return;
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (name == "data") {
        add_data(value);
    } else if (name == "event") {
        type_.assign(value);
    } else if (name == "id") {
        if (value.find('\0') == std::string_view::npos)
            id_.assign(value);
    } else if (name == "retry") {
        unsigned milliseconds = 0;
        const auto [stop, failed] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
        if (!value.empty() && failed == std::errc() && stop == value.data() + value.size())
            retry_ = milliseconds;
    } else {
        add_stray();
    }
}

void sse_parser::add_data(std::string_view value)
{
    const auto size = data_lines_ == 0 ? value.size() : (data_is_joined_ ? joined_.size() : data_.size()) + 1 + value.size();
    if (size > limits_.event)
        fail("event", limits_.event);
    if (data_lines_++ == 0) {
        data_ = value;
        data_is_joined_ = false;
        return;
    }
    if (!data_is_joined_) {
        joined_.assign(data_);
        data_is_joined_ = true;
    }
    joined_ += '\n';
    joined_ += value;
}

void sse_parser::add_stray()
{
    if (strays_.size() >= max_strays)
        return;
    strays_.append(line_view_.substr(0, max_strays - strays_.size() - 1));
    strays_ += '\n';
}

void sse_parser::keep_bytes()
{
    if (data_lines_ == 0 || data_is_joined_)
        return;
    joined_.assign(data_);
    data_is_joined_ = true;
}

void sse_parser::begin_event() noexcept
{
    data_ = {};
    data_lines_ = 0;
    data_is_joined_ = false;
    type_.clear();
    delivered_ = false;
}

sse_event sse_parser::current() const noexcept
{
    sse_event event;
    event.type = type_.empty() ? std::string_view("message") : std::string_view(type_);
    event.data = data_is_joined_ ? std::string_view(joined_) : data_;
    event.id = id_;
    event.has_data = data_lines_ > 0;
    return event;
}

void sse_parser::fail(const char* what, std::size_t limit)
{
    ended_ = true;
    begin_event();
    throw error(errc::limit_exceeded, std::string("a server-sent ") + what + " is longer than the limit of " +
                                          std::to_string(limit) + " bytes: raise sse_limits::" + what + ", or ask for less");
}

}  // namespace zincir
