// A loopback server that speaks just enough of OpenAI's chat-completions API to measure clients: one thread, epoll, replies built
// once and sent from there, so that the client under test is always the slower side. Uses nothing of the library it measures.

#include "mock_replies.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view usage_text = R"(mock_openai: a fast OpenAI-compatible server on 127.0.0.1, for benchmarks

  --port N          0 (the default) takes a free one; the base URL is the first line of output
  --latency MS      from a request to the first byte of its reply
  --tokens N        content deltas of a stream (32)
  --gap MS          between two deltas; 0 sends them all at once
  --text-bytes N    length of the text of a whole reply (160)
  --pack BYTES      fill HTTP chunks up to so many bytes; 0 (the default) sends an event a chunk, as providers do
  --fault KIND=P    that many percent of the chat requests fail; may be repeated. Kinds:
                      429 500    that status, with an error body
                      cut        the connection closes in the middle of the reply
                      in-band    an error inside a reply of status 200
                      stall      the reply stops in its middle and the connection stays open
                      reset      the connection is reset without a reply
  --seconds N       stop after so long
  --until-eof       stop when standard input ends

POST …/chat/completions, GET …/models, GET …/stats
)";

struct options {
    std::uint16_t port = 0;
    milliseconds latency{0};
    milliseconds gap{0};
    mock::reply_options replies{};
    std::vector<std::pair<mock::fault, double>> faults{};  // percent
    std::chrono::seconds run_time{0};
    bool until_eof = false;
};

std::size_t number(std::string_view option, std::string_view text)
{
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size())
        throw std::invalid_argument(std::string(option) + " takes a number, not \"" + std::string(text) + "\"");
    return value;
}

options parse(int argc, char** argv)
{
    options parsed;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help") {
            std::fwrite(usage_text.data(), 1, usage_text.size(), stdout);
            std::exit(0);
        }
        if (name == "--until-eof") {
            parsed.until_eof = true;
            continue;
        }
        if (++i == argc)
            throw std::invalid_argument(std::string(name) + " needs a value; see --help");
        const std::string_view value = argv[i];
        if (name == "--port") {
            parsed.port = static_cast<std::uint16_t>(number(name, value));
        } else if (name == "--latency") {
            parsed.latency = milliseconds(number(name, value));
        } else if (name == "--gap") {
            parsed.gap = milliseconds(number(name, value));
        } else if (name == "--tokens") {
            parsed.replies.tokens = number(name, value);
        } else if (name == "--text-bytes") {
            parsed.replies.text_bytes = number(name, value);
        } else if (name == "--pack") {
            parsed.replies.pack = number(name, value);
        } else if (name == "--seconds") {
            parsed.run_time = std::chrono::seconds(number(name, value));
        } else if (name == "--fault") {
            const auto equals = value.find('=');
            const auto kind = mock::fault_named(value.substr(0, equals));
            if (equals == std::string_view::npos || kind == mock::fault::none)
                throw std::invalid_argument("--fault takes KIND=PERCENT; see --help");
            parsed.faults.emplace_back(kind, std::strtod(argv[i] + equals + 1, nullptr));
        } else {
            throw std::invalid_argument("unknown option " + std::string(name) + "; see --help");
        }
    }
    return parsed;
}

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

struct connection {
    int fd = -1;
    std::uint64_t serial = 0;  // a descriptor's number comes back; a timer for its former owner must not hit the new one
    std::string in{};          // a request that has not arrived whole
    std::string_view out{};    // what is still to be sent, inside the prepared replies or `own`
    std::string own{};         // /stats only
    const std::vector<std::string>* frames = nullptr;  // of a stream with gaps
    std::size_t next_frame = 0;
    std::size_t stop_frame = 0;  // a faulty stream ends here
    mock::fault fault = mock::fault::none;
    bool busy = false;  // a request is being answered
    bool streams = false;
    bool with_usage = false;
    bool wants_out = false;
};

class server {
public:
    explicit server(options o) : options_(std::move(o)), replies_(options_.replies)
    {
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (epoll_ < 0 || timer_ < 0 || listener_ < 0)
            fail("socket");
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(options_.port);
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            fail("bind");
        if (::listen(listener_, 65535) != 0)
            fail("listen");
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        watch(listener_, EPOLLIN);
        watch(timer_, EPOLLIN);
        if (options_.until_eof)
            watch(STDIN_FILENO, EPOLLIN);
        if (options_.run_time.count() > 0)
            end_ = clock_type::now() + options_.run_time;
    }

    std::uint16_t port() const { return port_; }

    void run()
    {
        std::vector<epoll_event> events(1024);
        while (!stopping_ && clock_type::now() < end_) {
            arm_timer();
            const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            if (ready < 0 && errno != EINTR)
                fail("epoll_wait");
            for (int i = 0; i < ready; ++i)
                handle(events[static_cast<std::size_t>(i)]);
            fire_timers();
        }
    }

private:
    struct deadline {
        clock_type::time_point at;
        int fd;
        std::uint64_t serial;
        bool operator>(const deadline& other) const { return at > other.at; }
    };

    void watch(int fd, std::uint32_t what)
    {
        epoll_event event{};
        event.events = what;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
            fail("epoll_ctl");
    }

    void arm_timer()
    {
        auto at = timers_.empty() ? clock_type::time_point::max() : timers_.top().at;
        at = std::min(at, end_);
        if (at == armed_)
            return;
        armed_ = at;
        itimerspec spec{};
        if (at != clock_type::time_point::max()) {
            // steady_clock is CLOCK_MONOTONIC; an all-zero time would disarm.
            const auto since = std::max<std::int64_t>(at.time_since_epoch().count(), 1);
            spec.it_value.tv_sec = static_cast<time_t>(since / 1'000'000'000);
            spec.it_value.tv_nsec = static_cast<long>(since % 1'000'000'000);
        }
        ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
    }

    void fire_timers()
    {
        const auto now = clock_type::now();
        while (!timers_.empty() && timers_.top().at <= now) {
            const auto due = timers_.top();
            timers_.pop();
            auto* c = find(due.fd);
            if (c != nullptr && c->serial == due.serial)
                step(*c);
        }
    }

    void wait(connection& c, milliseconds time) { timers_.push({clock_type::now() + time, c.fd, c.serial}); }

    connection* find(int fd)
    {
        const auto at = static_cast<std::size_t>(fd);
        return at < connections_.size() ? connections_[at].get() : nullptr;
    }

    void handle(const epoll_event& event)
    {
        const int fd = event.data.fd;
        if (fd == listener_)
            return accept_all();
        if (fd == timer_) {
            std::uint64_t expirations = 0;
            (void)!::read(timer_, &expirations, sizeof expirations);
            armed_ = {};
            return;
        }
        if (fd == STDIN_FILENO && options_.until_eof) {
            char sink[256];
            stopping_ = ::read(STDIN_FILENO, sink, sizeof sink) <= 0;
            return;
        }
        auto* c = find(fd);
        if (c != nullptr && (event.events & EPOLLOUT) != 0)
            flush(*c);
        c = find(fd);
        if (c != nullptr && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
            receive(*c);
    }

    void accept_all()
    {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0)
                return;
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (static_cast<std::size_t>(fd) >= connections_.size())
                connections_.resize(static_cast<std::size_t>(fd) * 2 + 1);
            auto c = std::make_unique<connection>();
            c->fd = fd;
            c->serial = ++accepted_;
            connections_[static_cast<std::size_t>(fd)] = std::move(c);
            ++open_connections_;
            watch(fd, EPOLLIN);
        }
    }

    void drop(connection& c, bool reset = false)
    {
        if (c.busy)
            finish(c);
        if (reset) {
            const linger now{1, 0};
            ::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        ::close(c.fd);
        --open_connections_;
        connections_[static_cast<std::size_t>(c.fd)].reset();
    }

    void receive(connection& c)
    {
        const auto got = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            if (c.busy)
                ++closed_by_peer_;
            return drop(c);
        }
        std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
        if (!c.in.empty() || c.busy) {
            c.in.append(bytes);
            if (c.busy)
                return;
            bytes = c.in;
        }
        const auto used = request(c, bytes);
        if (c.in.empty())
            c.in.assign(bytes.substr(used));
        else
            c.in.erase(0, used);
        begin(c);
    }

    // Reads one request and says how long it was: 0 when it is not whole yet.
    std::size_t request(connection& c, std::string_view bytes)
    {
        const auto head_end = bytes.find("\r\n\r\n");
        if (head_end == std::string_view::npos)
            return 0;
        const auto head = bytes.substr(0, head_end + 2);
        const auto length = mock::content_length(head);
        if (bytes.size() < head_end + 4 + length)
            return 0;
        const auto body = bytes.substr(head_end + 4, length);
        c.busy = true;
        c.fault = mock::fault::none;
        c.frames = nullptr;
        c.streams = false;
        if (mock::asks_for(head, "POST", "/chat/completions")) {
            ++requests_;
            c.streams = mock::is_true(body, "\"stream\":");
            c.with_usage = mock::is_true(body, "\"include_usage\":");
            c.fault = next_fault();
            open_streams_ += c.streams ? 1 : 0;
            waiting_ = true;
        } else if (mock::asks_for(head, "GET", "/models")) {
            c.out = replies_.models();
            waiting_ = false;
        } else if (mock::asks_for(head, "GET", "/stats")) {
            c.own = mock::http_reply("200 OK", stats());
            c.out = c.own;
            waiting_ = false;
        } else {
            c.out = replies_.not_found();
            waiting_ = false;
        }
        return head_end + 4 + length;
    }

    void begin(connection& c)
    {
        if (!c.busy)
            return;
        if (waiting_ && options_.latency.count() > 0)
            wait(c, options_.latency);
        else
            step(c);
    }

    mock::fault next_fault()
    {
        // Spread evenly and alike in every run: a multiple of the golden ratio, modulo 1.
        const double at = static_cast<double>((requests_ * 2654435769U) & 0xffffffffU) / 4294967296.0 * 100.0;
        double sum = 0;
        for (const auto& [kind, percent] : options_.faults) {
            sum += percent;
            if (at < sum)
                return kind;
        }
        return mock::fault::none;
    }

    // The next part of the reply: all of it, or a frame of a stream with gaps.
    void step(connection& c)
    {
        if (c.frames != nullptr) {
            c.out = (*c.frames)[c.next_frame++];
            return flush(c);
        }
        if (c.out.empty()) {
            if (c.fault == mock::fault::reset)
                return drop(c, true);
            const bool has_body = c.fault != mock::fault::status_429 && c.fault != mock::fault::status_500;
            if (c.streams && options_.gap.count() > 0 && has_body) {
                c.frames = &replies_.frames(c.with_usage, c.fault);
                c.stop_frame =
                    c.fault == mock::fault::cut || c.fault == mock::fault::stall ? c.frames->size() / 2 : c.frames->size();
                c.next_frame = 1;
                c.out = c.frames->front();
            } else {
                c.out = replies_.whole(c.streams, c.with_usage, c.fault);
            }
        }
        flush(c);
    }

    void flush(connection& c)
    {
        while (!c.out.empty()) {
            const auto sent = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EAGAIN)
                    return want_out(c, true);
                ++closed_by_peer_;
                return drop(c);
            }
            c.out.remove_prefix(static_cast<std::size_t>(sent));
        }
        want_out(c, false);
        if (!c.busy)
            return;
        if (c.frames != nullptr && c.next_frame < c.stop_frame)
            return wait(c, options_.gap);
        if (c.fault == mock::fault::cut)
            return drop(c);
        if (c.fault == mock::fault::stall)
            return;
        finish(c);
        if (!c.in.empty()) {
            const auto used = request(c, c.in);
            c.in.erase(0, used);
            begin(c);
        }
    }

    void finish(connection& c)
    {
        open_streams_ -= c.streams ? 1 : 0;
        c.busy = false;
        c.frames = nullptr;
    }

    void want_out(connection& c, bool wants)
    {
        if (c.wants_out == wants)
            return;
        c.wants_out = wants;
        epoll_event event{};
        event.events = EPOLLIN | (wants ? EPOLLOUT : 0U);
        event.data.fd = c.fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, c.fd, &event);
    }

    std::string stats() const
    {
        return "{\"connections\":" + std::to_string(accepted_) + ",\"open_connections\":" + std::to_string(open_connections_) +
               ",\"requests\":" + std::to_string(requests_) + ",\"open_streams\":" + std::to_string(open_streams_) +
               ",\"closed_by_peer\":" + std::to_string(closed_by_peer_) + "}";
    }

    options options_;
    mock::replies replies_;
    int epoll_ = -1;
    int timer_ = -1;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    bool stopping_ = false;
    bool waiting_ = false;  // the request just read is answered after the latency
    clock_type::time_point end_ = clock_type::time_point::max();
    clock_type::time_point armed_ = clock_type::time_point::max();
    std::priority_queue<deadline, std::vector<deadline>, std::greater<>> timers_{};
    std::vector<std::unique_ptr<connection>> connections_{};
    std::string buffer_ = std::string(256 * 1024, '\0');
    std::uint64_t accepted_ = 0;
    std::uint64_t requests_ = 0;
    std::int64_t open_connections_ = 0;
    std::int64_t open_streams_ = 0;
    std::uint64_t closed_by_peer_ = 0;
};

void allow_many_files()
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        std::signal(SIGPIPE, SIG_IGN);
        allow_many_files();
        server s(parse(argc, argv));
        std::printf("http://127.0.0.1:%u/v1\n", s.port());
        std::fflush(stdout);
        s.run();
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "mock_openai: %s\n", e.what());
        return 1;
    }
}
