// Every setting on every profile, whole and streamed: what it changes in the body, or the warning, or the refusal.
//
// The expected cells are golden/<profile>.json, one line a setting. After a change that is meant, ZINCIR_UPDATE_GOLDEN=1 writes
// them anew into the source folder; read the difference before you commit it, for it is what users' requests will say.

#include "profile_row.hpp"

#include <zincir/core/json.hpp>
#include <zincir/llms/openai_request.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {
namespace {

struct draft {
    chat_options options{};
    std::vector<tool_definition> tools{};
};

using change = void (*)(draft&);

struct setting_case {
    std::string_view name;
    change set;
    change before = [](draft&) {};  ///< what the request has without the setting
    bool takes_temperature = true;
};

tool_definition weather()
{
    tool_definition tool;
    tool.name = "weather";
    tool.description = "The weather of a city";
    tool.parameters = parse_json(R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})").get_object();
    return tool;
}

json::object schema() { return parse_json(R"({"type":"object","properties":{"a":{"type":"integer"}}})").get_object(); }
json::object object(std::string_view text) { return parse_json(text).get_object(); }

constexpr change with_tool = [](draft& d) { d.tools.push_back(weather()); };

std::vector<std::string> stops(std::size_t n)
{
    std::vector<std::string> all;
    for (std::size_t i = 0; i < n; ++i)
        all.push_back("s" + std::to_string(i));
    return all;
}

const std::vector<setting_case>& cases()
{
    static const std::vector<setting_case> all{
        {"model", [](draft& d) { d.options.model = "some/model"; }},
        {"temperature", [](draft& d) { d.options.temperature = 0.75; }},
        {"temperature 0", [](draft& d) { d.options.temperature = 0; }},
        {"temperature, the model takes none", [](draft& d) { d.options.temperature = 0.75; }, [](draft&) {}, false},
        {"top_p", [](draft& d) { d.options.top_p = 0.5; }},
        {"top_p, the model takes none", [](draft& d) { d.options.top_p = 0.5; }, [](draft&) {}, false},
        {"max_output_tokens", [](draft& d) { d.options.max_output_tokens = 256; }},
        {"stop", [](draft& d) { d.options.stop = stops(1); }},
        {"stop, 4", [](draft& d) { d.options.stop = stops(4); }},
        {"stop, 5", [](draft& d) { d.options.stop = stops(5); }},
        {"stop, 17", [](draft& d) { d.options.stop = stops(17); }},
        {"seed", [](draft& d) { d.options.seed = 42; }},
        {"presence_penalty", [](draft& d) { d.options.presence_penalty = 0.5; }},
        {"frequency_penalty", [](draft& d) { d.options.frequency_penalty = -0.5; }},
        {"n", [](draft& d) { d.options.n = 2; }},
        {"n, 1", [](draft& d) { d.options.n = 1; }},
        {"logprobs", [](draft& d) { d.options.logprobs = true; }},
        {"top_logprobs beside logprobs", [](draft& d) { d.options.top_logprobs = 3; }, [](draft& d) { d.options.logprobs = true; }},
        {"logit_bias", [](draft& d) { d.options.logit_bias = {{"50256", -100.0}, {"11", 0.5}}; }},
        {"tools", with_tool},
        {"tools, strict",
         [](draft& d) {
             d.tools.push_back(weather());
             d.tools.back().strict = true;
         }},
        {"tools, without parameters",
         [](draft& d) {
             tool_definition tool;
             tool.name = "now";
             d.tools.push_back(std::move(tool));
         }},
        {"tool_choice auto", [](draft& d) { d.options.tool_choice = tool_choice::automatic(); }, with_tool},
        {"tool_choice none", [](draft& d) { d.options.tool_choice = tool_choice::none(); }, with_tool},
        {"tool_choice required", [](draft& d) { d.options.tool_choice = tool_choice::required(); }, with_tool},
        {"tool_choice named", [](draft& d) { d.options.tool_choice = tool_choice::named("weather"); }, with_tool},
        {"tool_choice of a tool that is not there", [](draft& d) { d.options.tool_choice = tool_choice::named("wether"); },
         with_tool},
        {"tool_choice without tools", [](draft& d) { d.options.tool_choice = tool_choice::required(); }},
        {"parallel_tool_calls false", [](draft& d) { d.options.parallel_tool_calls = false; }, with_tool},
        {"parallel_tool_calls true", [](draft& d) { d.options.parallel_tool_calls = true; }, with_tool},
        {"parallel_tool_calls without tools", [](draft& d) { d.options.parallel_tool_calls = false; }},
        {"response_format text", [](draft& d) { d.options.response_format = response_format::text(); }},
        {"response_format json_object", [](draft& d) { d.options.response_format = response_format::json_object(); }},
        {"response_format json_schema",
         [](draft& d) { d.options.response_format = response_format::json_schema("answer", schema()); }},
        {"response_format json_schema, not strict",
         [](draft& d) { d.options.response_format = response_format::json_schema("answer", schema(), false); }},
        {"response_format json_schema, strict unsaid",
         [](draft& d) { d.options.response_format = response_format::json_schema("answer", schema(), std::nullopt); }},
        {"response_format text beside tools", [](draft& d) { d.options.response_format = response_format::text(); }, with_tool},
        {"response_format json_object beside tools", [](draft& d) { d.options.response_format = response_format::json_object(); },
         with_tool},
        {"response_format json_schema beside tools",
         [](draft& d) { d.options.response_format = response_format::json_schema("answer", schema()); }, with_tool},
        {"response_format json_schema and tool_choice required beside tools",
         [](draft& d) {
             d.options.response_format = response_format::json_schema("answer", schema());
             d.options.tool_choice = tool_choice::required();
         },
         with_tool},
        {"reasoning_effort none", [](draft& d) { d.options.reasoning_effort = "none"; }},
        {"reasoning_effort minimal", [](draft& d) { d.options.reasoning_effort = "minimal"; }},
        {"reasoning_effort low", [](draft& d) { d.options.reasoning_effort = "low"; }},
        {"reasoning_effort high", [](draft& d) { d.options.reasoning_effort = "high"; }},
        {"reasoning_effort and tool_choice required beside tools",
         [](draft& d) {
             d.options.reasoning_effort = "low";
             d.options.tool_choice = tool_choice::required();
         },
         with_tool},
        {"reasoning_effort none and tool_choice required beside tools",
         [](draft& d) {
             d.options.reasoning_effort = "none";
             d.options.tool_choice = tool_choice::required();
         },
         with_tool},
        {"reasoning_format hidden", [](draft& d) { d.options.reasoning_format = "hidden"; }},
        {"reasoning_format raw", [](draft& d) { d.options.reasoning_format = "raw"; }},
        {"reasoning_format parsed", [](draft& d) { d.options.reasoning_format = "parsed"; }},
        {"service_tier auto", [](draft& d) { d.options.service_tier = "auto"; }},
        {"service_tier flex", [](draft& d) { d.options.service_tier = "flex"; }},
        {"verbosity", [](draft& d) { d.options.verbosity = "low"; }},
        {"user", [](draft& d) { d.options.user = "u-1"; }},
        {"prompt_cache_key", [](draft& d) { d.options.prompt_cache_key = "k"; }},
        {"store", [](draft& d) { d.options.store = true; }},
        {"store false", [](draft& d) { d.options.store = false; }},
        {"request_metadata", [](draft& d) { d.options.request_metadata.emplace()["team"] = "a"; }},
        {"extra, a new member", [](draft& d) { d.options.extra = object(R"({"top_k":40})"); }},
        {"extra, null", [](draft& d) { d.options.extra = object(R"({"guardrail":null})"); }},
        {"extra over a setting", [](draft& d) { d.options.extra = object(R"({"top_p":0.25})"); },
         [](draft& d) { d.options.top_p = 0.5; }},
        {"extra into an object", [](draft& d) { d.options.extra = object(R"({"response_format":{"note":"x"}})"); },
         [](draft& d) { d.options.response_format = response_format::text(); }},
        {"extra num_ctx", [](draft& d) { d.options.extra = object(R"({"num_ctx":8192})"); }},
        {"extra options", [](draft& d) { d.options.extra = object(R"({"options":{"num_ctx":8192}})"); }},
        {"extra stream", [](draft& d) { d.options.extra = object(R"({"stream":true})"); }},
    };
    return all;
}

// The members that are set. Names all that there are: with a new member of chat_options this does not compile until the member is
// here, and every_member_has_a_case fails until the matrix has it.
std::set<std::string_view> members_set(const chat_options& options)
{
    const auto& [model, temperature, top_p, max_output_tokens, stop, seed, presence_penalty, frequency_penalty, n, logprobs,
                 top_logprobs, logit_bias, choice, parallel_tool_calls, format, reasoning_effort, reasoning_format, service_tier,
                 verbosity, user, prompt_cache_key, store, request_metadata, timeouts, extra] = options;
    std::set<std::string_view> names;
    const auto add = [&](std::string_view name, bool set) {
        if (set)
            names.insert(name);
    };
    add("model", model.has_value());
    add("temperature", temperature.has_value());
    add("top_p", top_p.has_value());
    add("max_output_tokens", max_output_tokens.has_value());
    add("stop", stop.has_value());
    add("seed", seed.has_value());
    add("presence_penalty", presence_penalty.has_value());
    add("frequency_penalty", frequency_penalty.has_value());
    add("n", n.has_value());
    add("logprobs", logprobs.has_value());
    add("top_logprobs", top_logprobs.has_value());
    add("logit_bias", logit_bias.has_value());
    add("tool_choice", choice.has_value());
    add("parallel_tool_calls", parallel_tool_calls.has_value());
    add("response_format", format.has_value());
    add("reasoning_effort", reasoning_effort.has_value());
    add("reasoning_format", reasoning_format.has_value());
    add("service_tier", service_tier.has_value());
    add("verbosity", verbosity.has_value());
    add("user", user.has_value());
    add("prompt_cache_key", prompt_cache_key.has_value());
    add("store", store.has_value());
    add("request_metadata", request_metadata.has_value());
    add("timeouts", timeouts.has_value());
    add("extra", !extra.empty());
    return names;
}

chat_options all_set()
{
    chat_options options;
    for (const auto& c : cases()) {
        draft d;
        c.set(d);
        options = options.overlaid(d.options);
    }
    options.timeouts = chat_timeouts();
    return options;
}

encoded_openai_chat encoded(const draft& d, const openai_profile& profile, bool streamed, bool takes_temperature)
{
    chat_request request;
    request.messages = messages("Hi");
    request.options = d.options;
    request.tools = d.tools;
    return encode_openai_chat(request, profile, streamed, takes_temperature);
}

json::array strings(const std::vector<std::string>& texts)
{
    json::array out;
    for (const auto& text : texts)
        out.push_back(json::string(text));
    return out;
}

// How `after` differs from `before`; empty if it does not.
json::object difference(const encoded_openai_chat& before, const encoded_openai_chat& after)
{
    const auto old_body = parse_json(before.body).get_object();
    const auto new_body = parse_json(after.body).get_object();
    json::object added, changed;
    json::array removed;
    for (const auto& member : new_body) {
        const auto* old = old_body.if_contains(member.key());
        if (!old)
            added[member.key()] = member.value();
        else if (*old != member.value())
            changed[member.key()] = member.value();
    }
    for (const auto& member : old_body)
        if (!new_body.contains(member.key()))
            removed.push_back(json::string(member.key()));
    std::vector<std::string> warnings;
    for (const auto& warning : after.warnings)
        if (std::find(before.warnings.begin(), before.warnings.end(), warning) == before.warnings.end())
            warnings.push_back(warning);
    json::object cell;
    if (!added.empty())
        cell["added"] = std::move(added);
    if (!changed.empty())
        cell["changed"] = std::move(changed);
    if (!removed.empty())
        cell["removed"] = std::move(removed);
    if (!warnings.empty())
        cell["warnings"] = strings(warnings);
    return cell;
}

json::object cell_of(const setting_case& c, const openai_profile& profile, bool streamed)
{
    draft d;
    c.before(d);
    const auto before = encoded(d, profile, streamed, c.takes_temperature);
    c.set(d);
    try {
        return difference(before, encoded(d, profile, streamed, c.takes_temperature));
    } catch (const error& e) {
        json::object cell;
        cell["refused"] = std::string(name(static_cast<errc>(e.code().value())));
        cell["message"] = e.facts().message;
        return cell;
    }
}

// Both ways of asking in one value: streaming differs from whole by few cells.
json::value both_ways(json::object whole, json::object streamed)
{
    if (whole == streamed)
        return whole;
    json::object cell;
    cell["whole"] = std::move(whole);
    cell["streamed"] = std::move(streamed);
    return cell;
}

json::object table_of(const openai_profile& profile)
{
    json::object table;
    const auto bare = [&](bool streamed) { return parse_json(encoded(draft(), profile, streamed, true).body).get_object(); };
    table["(no setting)"] = both_ways(bare(false), bare(true));
    for (const auto& c : cases())
        table[c.name] = both_ways(cell_of(c, profile, false), cell_of(c, profile, true));
    return table;
}

std::string golden_path(const std::string& profile) { return std::string(ZINCIR_TEST_GOLDEN) + "/" + profile + ".json"; }

void write_golden(const std::string& profile, const json::object& table)
{
    std::ofstream file(golden_path(profile), std::ios::binary);
    file << "{";
    const char* separator = "\n  ";
    for (const auto& member : table) {
        file << separator << json::serialize(json::value(member.key())) << ": " << json::serialize(member.value());
        separator = ",\n  ";
    }
    file << "\n}\n";
}

json::object read_golden(const std::string& profile)
{
    std::ifstream file(golden_path(profile), std::ios::binary);
    return parse_json(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>())).get_object();
}

struct subject {
    std::string label{};  ///< of the test
    openai_profile profile{};
};

std::vector<openai_profile> every_profile()
{
    auto all = builtin_profiles();
    auto gateway = unknown_gateway("http://gateway.example/v1");
    gateway.default_model = "default";
    all.push_back(std::move(gateway));
    return all;
}

// Each profile as it is built in, and as its row says it when it is read from a file.
std::vector<subject> subjects()
{
    std::vector<subject> all;
    for (const auto& profile : every_profile()) {
        all.push_back({profile.name + "_builtin", profile});
        const auto path = ::testing::TempDir() + "zincir_profile_" + profile.name + std::to_string(::getpid()) + ".json";
        std::ofstream(path, std::ios::binary) << testing::file_of(testing::row_of(profile));
        all.push_back({profile.name + "_from_file", load_profiles(path).at(0)});
        std::remove(path.c_str());
    }
    return all;
}

std::ostream& operator<<(std::ostream& out, const subject& s) { return out << s.label; }

class setting_matrix : public ::testing::TestWithParam<subject> {};

TEST_P(setting_matrix, differs_from_the_bare_body_as_the_golden_says)
{
    const auto& [label, profile] = GetParam();
    const auto table = table_of(profile);
    if (const char* update = std::getenv("ZINCIR_UPDATE_GOLDEN"); update && *update == '1') {
        if (label.ends_with("_builtin"))
            write_golden(profile.name, table);
        FAIL() << "the golden is written: compare it by a run without ZINCIR_UPDATE_GOLDEN";
    }
    const auto golden = read_golden(profile.name);
    for (const auto& member : table) {
        const auto* expected = golden.if_contains(member.key());
        EXPECT_TRUE(expected && *expected == member.value())
            << "profile:  " << label << "\nsetting:  " << member.key()
            << "\nexpected: " << (expected ? json::serialize(*expected) : "(no such line in the golden)")
            << "\ngot:      " << json::serialize(member.value());
    }
    for (const auto& member : golden)
        EXPECT_TRUE(table.contains(member.key()))
            << "the golden of " << profile.name << " has a line for no case: " << member.key();
}

// "text" is what every provider writes when nothing else is asked for, so leaving it out changes nothing.
bool says_the_default(const openai_profile& profile, std::string_view setting)
{
    return profile.response_formats == openai_profile::formats::none && setting.starts_with("response_format text");
}

TEST_P(setting_matrix, no_setting_is_silent)
{
    const auto& [label, profile] = GetParam();
    for (const auto& c : cases())
        for (const bool streamed : {false, true})
            EXPECT_EQ(cell_of(c, profile, streamed).empty(), says_the_default(profile, c.name))
                << "profile: " << label << "\nsetting: " << c.name << (streamed ? " (streamed)" : " (whole)");
}

TEST_P(setting_matrix, warnings_and_refusals_name_the_profile_or_the_request)
{
    const auto& [label, profile] = GetParam();
    const auto says_whose = [&whose = profile.name](std::string_view text) {
        return text.find(whose) != text.npos || text.find("the request") != text.npos || text.find("the model") != text.npos ||
               text.find("extra has no say") != text.npos;
    };
    for (const auto& c : cases())
        for (const bool streamed : {false, true}) {
            const auto cell = cell_of(c, profile, streamed);
            if (const auto* warnings = cell.if_contains("warnings")) {
                for (const auto& warning : warnings->get_array())
                    EXPECT_TRUE(says_whose(std::string(warning.get_string()))) << label << ": " << warning;
            }
            if (const auto* message = cell.if_contains("message")) {
                EXPECT_TRUE(says_whose(std::string(message->get_string()))) << label << ": " << *message;
            }
        }
}

INSTANTIATE_TEST_SUITE_P(profiles, setting_matrix, ::testing::ValuesIn(subjects()),
                         [](const auto& tested) { return tested.param.label; });

TEST(setting_matrix_cases, every_member_has_a_case)
{
    std::set<std::string_view> seen;
    for (const auto& c : cases()) {
        draft d;
        c.set(d);
        seen.merge(members_set(d.options));
    }
    auto all = members_set(all_set());
    all.erase("timeouts");  // for the client, not for the provider
    EXPECT_EQ(seen, all);
    EXPECT_EQ(all.size(), 24u) << "chat_options has a new member: give it a case above, and a line in chat_options::overlaid";
}

TEST(setting_matrix_cases, overlaying_takes_every_member)
{
    const auto over = all_set();
    EXPECT_EQ(members_set(chat_options().overlaid(over)), members_set(over));
    EXPECT_EQ(members_set(over.overlaid(chat_options())), members_set(over));
}

TEST(setting_matrix_cases, timeouts_are_not_sent)
{
    draft d;
    d.options.timeouts = chat_timeouts();
    const auto& profile = builtin_profiles().front();
    EXPECT_EQ(encoded(d, profile, false, true).body, encoded(draft(), profile, false, true).body);
}

}  // namespace
}  // namespace zincir
