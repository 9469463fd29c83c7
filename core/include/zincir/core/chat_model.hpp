#pragma once

#include <zincir/core/chat_backend.hpp>
#include <zincir/core/step.hpp>

#include <memory>
#include <typeinfo>

namespace zincir {

template <class T>
json::object json_schema();  // described.hpp
namespace detail {
/// A type's name as providers take one for a schema: letters, digits and underscores, at most 64.
std::string schema_name(const char* mangled);
}  // namespace detail

/// A language model: a shared backend and default settings. A step messages → message that streams message_chunk.
///
/// A handle: cheap to copy, immutable, thread-safe; each `with…` returns a changed copy. A call keeps the backend alive.
class chat_model : public step<messages, message, message_chunk> {
public:
    /// Throws errc::invalid_argument for null.
    explicit chat_model(std::shared_ptr<const chat_backend> backend, chat_options defaults = chat_options());

    /// Asks the model. Throws `error`: what the backend throws, and before anything is sent errc::invalid_argument for a faulty
    /// history, errc::unsupported or errc::context_overflow for a request the model cannot take. Cancelling ends the call at once.
    awaitable<message> invoke(messages input, run_context ctx = {}) const;
    /// As `invoke`, in pieces. Nothing is checked or sent before the first next(); dropping the stream cancels the call. What the
    /// pieces of a backend's own stream() throw passes as it is; a chain makes an `error` of it.
    zincir::stream<message_chunk> stream(messages input, run_context ctx = {}) const;

    /// The same model with `over` laid over its settings.
    [[nodiscard]] chat_model with(const chat_options& over) const;
    /// The same model with these tools in place of the ones it had.
    [[nodiscard]] chat_model with_tools(std::vector<tool_definition> tools) const;

    /// The same model, held to answer with the JSON of a T, a described struct: its response_format is the schema of T under the
    /// type's name. `prompt | model.with_output<recipe>() | to<recipe>()`. Needs <zincir/core/described.hpp>.
    template <class T>
    [[nodiscard]] chat_model with_output() const
    {
        chat_options over;
        over.response_format = zincir::response_format::json_schema(detail::schema_name(typeid(T).name()), json_schema<T>());
        return with(over);
    }

    /// What the model can do, from the backend's catalog. Unknown facts are absent.
    model_profile profile() const;
    const chat_options& options() const noexcept { return state_->options; }
    const std::vector<tool_definition>& tools() const noexcept { return state_->tools; }
    const chat_backend& backend() const noexcept { return *state_->backend; }
    std::string step_name() const { return "chat_model(" + backend().name() + ")"; }

private:
    struct state {
        std::shared_ptr<const chat_backend> backend;
        shared<chat_options> options;
        shared<std::vector<tool_definition>> tools;
    };
    explicit chat_model(std::shared_ptr<const state> s) : state_(std::move(s)) {}
    static chat_request make_request(const state& s, messages input);
    static awaitable<message> generate(std::shared_ptr<const state> s, messages input, run_context ctx);
    std::shared_ptr<const state> state_;
};

/// A model of a backend of your own: `make_chat_model<my_backend>(constructor arguments…)`.
template <class Backend, class... Args>
    requires std::derived_from<Backend, chat_backend>
chat_model make_chat_model(Args&&... args)
{
    return chat_model(std::make_shared<const Backend>(std::forward<Args>(args)...));
}

}  // namespace zincir
