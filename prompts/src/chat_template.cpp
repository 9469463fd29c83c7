#include "chat_template_messages.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <boost/json/parse.hpp>

#include <array>

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

bool has(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

// The conversations of the probes. An id of nine characters, which Mistral's templates insist on.
constexpr std::string_view user_turn = R"({"role":"user","content":"USERTEXT"})";
std::string call_turn(std::string_view content, std::string_view arguments, bool twice = false)
{
    const auto call = [&](std::string_view id, std::string_view name) {
        return R"({"id":")" + std::string(id) + R"(","type":"function","function":{"name":")" + std::string(name) +
               R"(","arguments":)" + std::string(arguments) + "}}";
    };
    return R"({"role":"assistant","content":)" + std::string(content) + R"(,"tool_calls":[)" + call("callabcd1", "CALLONE") +
           (twice ? "," + call("callabcd2", "CALLTWO") : std::string()) + "]}";
}
constexpr std::string_view object_arguments = R"({"ARGNAME":"ARGVALUE"})";
constexpr std::string_view text_arguments = R"("{\"ARGNAME\": \"ARGVALUE\"}")";
constexpr std::string_view probe_tool =
    R"([{"type":"function","function":{"name":"TOOLNAME","description":"A tool.","parameters":{"type":"object","properties":{"ARGNAME":)"
    R"({"type":"string","description":"An argument."}},"required":["ARGNAME"]}}}])";

}  // namespace

class chat_template_program {
public:
    chat_template_program(std::string_view text, chat_template_options o)
        : template_(text, engine_options(o)), bos_(std::move(o.bos_token)), eos_(std::move(o.eos_token))
    {
        shape_.polyfills = o.polyfills;
        find_roles_and_content();
        find_tools();
        find_reasoning();
    }

    const chat_template_shape& shape() const noexcept { return shape_; }

    std::string render(json::value turns, json::value tools, const chat_template_inputs& inputs) const
    {
        values all;
        all.set("messages", prompt_value(std::move(turns)));
        all.set("tools", prompt_value(std::move(tools)));
        all.set("documents", prompt_value(inputs.documents.empty() ? json::value(nullptr) : json::value(inputs.documents)));
        all.set("add_generation_prompt", inputs.add_generation_prompt);
        all.set("bos_token", bos_);
        all.set("eos_token", eos_);
        for (const auto& member : inputs.extra)
            all.set(std::string_view(member.key().data(), member.key().size()), prompt_value(member.value()));
        return template_.format(all);
    }

private:
    // Nothing where the template refuses.
    std::string probe(const std::string& turns, std::string_view tools = "null", bool opens_reply = false) const
    {
        chat_template_inputs inputs;
        inputs.add_generation_prompt = opens_reply;
        try {
            return render(boost::json::parse("[" + turns + "]"), boost::json::parse(tools), inputs);
        } catch (const error&) {
            return {};
        }
    }

    void find_roles_and_content()
    {
        auto& can = shape_.can;
        const std::string typed = R"({"role":"user","content":[{"type":"text","text":"USERTEXT"}]})";
        const auto plain = probe(std::string(user_turn));
        const auto list = probe(typed);
        // A list that is merely printed shows its members' names.
        can.typed_content = has(list, "USERTEXT") && !has(list, "'text'") && !has(list, "\"text\"");
        can.requires_typed_content = can.typed_content && !has(plain, "USERTEXT");
        user_ = can.requires_typed_content ? typed : std::string(user_turn);
        const auto text = [&](std::string_view t) {
            return can.requires_typed_content ? R"([{"type":"text","text":")" + std::string(t) + R"("}])"
                                              : '"' + std::string(t) + '"';
        };
        const auto system = [&](std::string_view role) {
            const auto shown = probe(R"({"role":")" + std::string(role) + R"(","content":)" + text("SYSTEMTEXT") + "}," + user_);
            return has(shown, "SYSTEMTEXT") && has(shown, "USERTEXT");
        };
        can.system_role = system("system");
        can.developer_role = system("developer");
        said_ = text("SAIDTEXT");
        empty_ = text("");
        told_ = text("TOLDTEXT");
    }

    void find_tools()
    {
        auto& can = shape_.can;
        can.tools = has(probe(user_, probe_tool, true), "TOOLNAME");
        const auto calls = [&](std::string_view content) {
            const auto object = probe(user_ + "," + call_turn(content, object_arguments), probe_tool);
            const auto text = probe(user_ + "," + call_turn(content, text_arguments), probe_tool);
            // Python's writing of a dict is no JSON, and text that went through tojson is JSON twice.
            const bool takes_object = shows_call(object) && !has(object, "'ARGNAME'");
            const bool takes_text = shows_call(text) && !has(text, "\\\"ARGNAME");
            can.object_arguments = takes_object || (!takes_text && shows_call(object));
            return takes_object || takes_text || can.object_arguments;
        };
        can.tool_calls = calls(empty_);
        if (!can.tool_calls) {
            shape_.null_content_with_calls = calls("null");
            can.tool_calls = shape_.null_content_with_calls;
        }
        find_tool_results(shape_.null_content_with_calls ? "null" : empty_);
    }

    // Some templates show a call's id and not its name. A tool's description names the argument, but never its value.
    static std::size_t shown_calls(std::string_view text)
    {
        std::size_t found = 0;
        for (auto at = text.find("ARGVALUE"); at != std::string_view::npos; at = text.find("ARGVALUE", at + 1))
            ++found;
        return found;
    }
    static bool shows_call(std::string_view text) { return shown_calls(text) > 0; }

    void find_tool_results(const std::string& content)
    {
        auto& can = shape_.can;
        const auto arguments = can.object_arguments ? object_arguments : text_arguments;
        const auto result = [&](std::string_view id, std::string_view tool) {
            return R"(,{"role":"tool","tool_call_id":")" + std::string(id) + R"(","name":")" + std::string(tool) +
                   R"(","content":)" + told_ + "}";
        };
        const auto before = user_ + ",";
        const auto calling = can.tool_calls ? call_turn(content, arguments) : R"({"role":"assistant","content":)" + said_ + "}";
        can.tool_responses = has(probe(before + calling + result("callabcd1", "CALLONE"), probe_tool, true), "TOLDTEXT");
        if (!can.tool_calls)
            return;
        auto both = before + call_turn(content, arguments, true);
        if (can.tool_responses)
            both += result("callabcd1", "CALLONE") + result("callabcd2", "CALLTWO");
        can.parallel_tool_calls = shown_calls(probe(both, probe_tool)) >= 2;
    }

    void find_reasoning()
    {
        for (const auto* field : {"reasoning_content", "thinking", "reasoning"}) {
            const auto shown = probe(user_ + R"(,{"role":"assistant","content":)" + said_ + ",\"" + field + R"(":"THOUGHTTEXT"})");
            if (has(shown, "THOUGHTTEXT")) {
                shape_.can.reasoning = true;
                shape_.reasoning_field = field;
                return;
            }
        }
    }

    prompt_template template_;
    std::string bos_;
    std::string eos_;
    chat_template_shape shape_{};
    std::string user_{}, said_{}, empty_{}, told_{};  // JSON of the probes
};

namespace {

std::string rendered(const chat_template_program& program, const messages& turns, const chat_template_inputs& inputs)
{
    const auto& shape = program.shape();
    const bool hidden = inputs.tools.empty() || (!shape.can.tools && shape.polyfills.tools);
    return program.render(messages_for_template(turns, inputs.tools, shape),
                          hidden ? json::value(nullptr) : json::value(tools_for_template(inputs.tools)), inputs);
}

// Holds what it works with: the template itself may go.
awaitable<std::string> run(std::shared_ptr<const chat_template_program> program, std::shared_ptr<const chat_template_inputs> inputs,
                           messages turns)
{
    co_return rendered(*program, turns, *inputs);
}

}  // namespace
}  // namespace detail

chat_template::chat_template(std::string_view text, chat_template_options options)
    : program_(std::make_shared<const detail::chat_template_program>(text, std::move(options))),
      inputs_(std::make_shared<const chat_template_inputs>())
{}

std::string chat_template::render(const messages& turns, const chat_template_inputs& inputs) const
{
    return detail::rendered(*program_, turns, inputs);
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
