#include "chat_template_messages.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace zincir {
namespace detail {
namespace {

template_options engine_options(const chat_template_options& o)
{
    template_options engine;
    engine.format = template_format::jinja;
    engine.name = o.name;
    engine.undefined = undefined_policy::empty;
    engine.trim_blocks = true;
    engine.lstrip_blocks = true;
    engine.changeable_values = false;
    engine.limits = o.limits;
    engine.environment = o.environment;
    return engine;
}

// Variables of older templates that stand for the tools and the time; see chat_template_polyfills::tools.
constexpr std::string_view tools_variable = "functions";
constexpr std::string_view time_variable = "datetime";

std::string time_text(const template_environment& environment)
{
    const auto now = std::chrono::system_clock::to_time_t(environment.now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, "%b %d %Y %H:%M:%S GMT", &parts));
}

}  // namespace

class chat_template_program {
public:
    chat_template_program(std::string_view text, chat_template_options o)
        : template_(text, engine_options(o)), options_(std::move(o))
    {
        const auto names = template_.variables();
        const auto takes = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
        takes_functions_ = options_.polyfills.tools && takes(tools_variable);
        takes_time_ = options_.polyfills.tools && takes(time_variable);
        // A template that writes any role's name would show this one to a model that never saw it.
        knows_developers_ = text.find("developer") != std::string_view::npos;
        shape_ = find_shape();
        // Some keep account of calls in lists of theirs, which the sandbox of transformers refuses to change.
        if (!shape_.can.tool_calls && options_.polyfills.tool_calls && text.find(".append(") != std::string_view::npos) {
            auto changeable = engine_options(options_);
            changeable.changeable_values = true;
            const auto frozen = std::exchange(template_, prompt_template(text, std::move(changeable)));
            if (auto found = find_shape(); found.can.tool_calls)
                shape_ = std::move(found);
            else
                template_ = frozen;
        }
    }

    const chat_template_shape& shape() const noexcept { return shape_; }

    std::string render(const messages& turns, const chat_template_inputs& inputs) const
    {
        const bool hidden = inputs.tools.empty() || (!shape_.can.tools && shape_.polyfills.tools);
        // What the template is given is gone as a whole when the text is there.
        unsigned char room[4096];
        json::monotonic_resource memory(room, sizeof room);
        json::value tools(&memory);
        if (!hidden)
            tools = tools_for_template(inputs.tools, &memory);
        else if (shape_.tools_are_a_list && shape_.polyfills.tools)
            tools.emplace_array();
        return render(messages_for_template(turns, inputs.tools, shape_, &memory), std::move(tools), inputs.documents,
                      inputs.add_generation_prompt, inputs.extra);
    }

private:
    std::string render(json::array turns, json::value tools, const json::array& documents, bool opens_reply,
                       const json::object& extra) const
    {
        const auto functions = takes_functions_ ? tools.is_array() ? boost::json::serialize(tools) : "[]" : std::string();
        values all("messages", prompt_value(json::value(std::move(turns))), "tools", prompt_value(std::move(tools)), "documents",
                   prompt_value(documents.empty() ? json::value(nullptr) : json::value(documents)), "add_generation_prompt",
                   opens_reply, "bos_token", options_.bos_token, "eos_token", options_.eos_token);
        if (takes_functions_)
            all.set(tools_variable, functions);
        if (takes_time_)
            all.set(time_variable, time_text(options_.environment));
        for (const auto& member : extra)
            all.set(std::string_view(member.key().data(), member.key().size()), prompt_value(member.value()));
        return template_.format(all);
    }

    chat_template_shape find_shape() const
    {
        auto found = find_chat_template_shape([this](json::array turns, json::value tools, const json::object& extra) {
            const bool opens_reply = turns.back().at("role") != "assistant";
            try {
                return render(std::move(turns), std::move(tools), {}, opens_reply, extra);
            } catch (const error& e) {
                if (e.code() == errc::limit_exceeded)
                    throw;
                return std::string();
            }
        });
        found.polyfills = options_.polyfills;
        found.can.developer_role = found.can.developer_role && knows_developers_;
        return found;
    }

    prompt_template template_;
    chat_template_options options_;
    chat_template_shape shape_{};
    bool takes_functions_ = false;
    bool takes_time_ = false;
    bool knows_developers_ = false;
};

namespace {

// Holds what it works with: the template itself may go.
awaitable<std::string> run(std::shared_ptr<const chat_template_program> program, std::shared_ptr<const chat_template_inputs> inputs,
                           messages turns)
{
    co_return program->render(turns, *inputs);
}

}  // namespace
}  // namespace detail

chat_template::chat_template(std::string_view text, chat_template_options options)
    : program_(std::make_shared<const detail::chat_template_program>(text, std::move(options))),
      inputs_(std::make_shared<const chat_template_inputs>())
{}

std::string chat_template::render(const messages& turns, const chat_template_inputs& inputs) const
{
    return program_->render(turns, inputs);
}

std::string chat_template::render(const messages& turns) const { return render(turns, *inputs_); }

awaitable<std::string> chat_template::invoke(messages turns, run_context) const
{
    return detail::run(program_, inputs_, std::move(turns));
}

chat_template chat_template::with(chat_template_inputs inputs) const
{
    auto copy = *this;
    copy.inputs_ = std::make_shared<const chat_template_inputs>(std::move(inputs));
    return copy;
}

const chat_template_capabilities& chat_template::capabilities() const noexcept { return program_->shape().can; }

json::array chat_template::to_json(const messages& turns, const chat_template_inputs& inputs) const
{
    return detail::messages_for_template(turns, inputs.tools, program_->shape());
}

}  // namespace zincir
