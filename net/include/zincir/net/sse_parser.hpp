#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace zincir {

/// One server-sent event. The views are valid until the next call of the parser.
struct sse_event {
    std::string_view type{};  ///< "message" unless the event named one
    std::string_view data{};
    std::string_view id{};  ///< last event id so far
    bool has_data = false;  ///< always true for events of next(); see sse_parser::finish()
};

struct sse_limits {
    std::size_t line = std::size_t{8} << 20;    ///< bytes of one line
    std::size_t event = std::size_t{16} << 20;  ///< bytes of one event's data
};

/// Splits a byte stream into server-sent events. Does no I/O and never decodes text: UTF-8 may be split anywhere.
///
/// Framing is the WHATWG HTML standard's, §9.2.6: lines end with LF, CR or CRLF, also split across calls (a CR ends its line at
/// once; an LF that follows it later is skipped); one byte order mark at the start is skipped; one space after the colon is
/// dropped; an event without data is not an event. Bytes are taken by `feed` and events by `next`, so that a reader decodes all
/// events of one read without a copy where the event lies whole in the fed bytes.
///
/// Throws errc::limit_exceeded for a line or event beyond its limit; the parser is then at its end and yields nothing more.
class sse_parser {
public:
    explicit sse_parser(sse_limits limits = sse_limits()) : limits_(limits) {}

    /// Takes the next bytes, split at any point. They must stay valid until next() has yielded nullopt.
    void feed(std::string_view bytes);
    /// The next complete event of what was fed, or nullopt: feed more.
    std::optional<sse_event> next();
    /// At the end of the stream, once next() has yielded nullopt: the event that no blank line ended, if it has a type or data. The
    /// standard discards it; llama.cpp's last "data: [DONE]" is sometimes such an event. A last line without its line ending counts
    /// as a line. The parser is then at its end.
    std::optional<sse_event> finish();
    /// The value of the last `retry:` field, in milliseconds.
    std::optional<unsigned> retry() const noexcept { return retry_; }
    /// The first bytes of lines that are no field the standard knows, for an error message: a JSON error that a server wrote into
    /// an event stream without framing it, or HTML. Each line ends with LF. At most 4 KiB.
    std::string_view strays() const noexcept { return strays_; }

private:
    bool take_line();       // moves the next complete line of `in_` into `line_view_`
    void read_line_ends();  // where the next LF and CR of `in_` are
    void take_field();      // acts on a line that is not blank
    void add_data(std::string_view value);
    void add_stray();
    void keep_bytes();  // copies what is pending out of the fed bytes, which are about to go
    void begin_event() noexcept;
    sse_event current() const noexcept;
    [[noreturn]] void fail(const char* what, std::size_t limit);

    sse_limits limits_;
    std::string_view in_{};          // fed and not yet read
    const char* next_lf_ = nullptr;  // the first LF at or after in_.begin(), or in_.end()
    const char* next_cr_ = nullptr;
    std::string partial_{};  // a line whose end was not fed yet
    std::string held_{};     // owns `line_view_` when the line was split across feeds
    std::string_view line_view_{};
    std::string_view data_{};  // the data where it is one line of the fed bytes or of held_; between calls there is none
    std::string joined_{};     // the data otherwise
    std::string type_{};
    std::string id_{};
    std::optional<unsigned> retry_{};
    std::string strays_{};
    std::size_t data_lines_ = 0;
    unsigned bom_matched_ = 0;  // bytes of the mark seen so far; 3 once the start is over
    bool data_is_joined_ = false;
    bool delivered_ = false;  // the pending event was handed out: forget it on the next call
    bool skip_lf_ = false;    // the last line ended with CR
    bool ended_ = false;
};

}  // namespace zincir
