#pragma once

#include <zincir/core/chat_request.hpp>
#include <zincir/core/model_profile.hpp>
#include <zincir/llms/chat_emitter.hpp>
#include <zincir/net/http_transport.hpp>
#include <zincir/net/sse_parser.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// Reads one reply. Pure: it is given bytes and tells a chat_emitter what they mean; it cannot end a reply but by what it tells.
///
/// Failures are told by chat_emitter::fail(), not thrown: other exceptions than `error` end the reply as errc::foreign_exception.
/// Each reply has a decoder of its own, used on its call's strand only. Views are valid during the call.
class chat_decoder {
public:
    virtual ~chat_decoder() = default;

    /// One server-sent event.
    virtual void event(const sse_event& e, chat_emitter& out) = 0;
    /// A whole JSON body: one event, and the last.
    virtual void body(std::string_view json, chat_emitter& out) = 0;
    /// Lines of an event stream that are none of its fields, as sse_parser::strays(): some servers write their errors so. Called
    /// with all of them whenever there are more, and once at the end.
    virtual void strays(std::string_view lines, bool at_end, chat_emitter& out) = 0;
    /// After the finish reason: the reply has other parts that are still being written, such as further candidates.
    virtual bool expects_more() const { return false; }

    /// What a reply means whose status is not 2xx. All facts are the decoder's to fill in; `body` may be cut.
    virtual error rejected(unsigned status, const http_headers& headers, std::string_view body) const = 0;
    /// What a 2xx reply means that is neither JSON nor an event stream: a web page, nothing at all.
    virtual error foreign(unsigned status, const http_headers& headers, std::string_view body) const = 0;
    /// The provider's id of the request, or "".
    virtual std::string request_id(const http_headers& headers) const = 0;
};

/// A request ready to be sent, and what could not be put into it.
struct encoded_chat_request {
    http_request http{};  ///< timeouts and content clock are the backend's to set
    std::vector<std::string> warnings{};
};

/// Maps between this library's vocabulary and one wire format. Pure, immutable, shared between threads.
///
/// `encode` throws errc::unsupported or invalid_argument for what cannot be said without changing its meaning. `decoder` makes what
/// reads the reply to that request; it owns what it needs.
template <class C>
concept chat_codec =
    std::move_constructible<C> && requires(const C& codec, const chat_request& request, bool streamed, std::string_view model) {
        { codec.encode(request, streamed) } -> std::same_as<encoded_chat_request>;
        { codec.decoder(request) } -> std::same_as<std::unique_ptr<chat_decoder>>;
        { codec.rules() } -> std::same_as<emission_rules>;
        { codec.profile(model) } -> std::same_as<model_profile>;
        { codec.name() } -> std::convertible_to<std::string>;
    };

}  // namespace zincir
