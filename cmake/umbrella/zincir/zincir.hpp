#pragma once

// Everything a program that uses the library needs. A source file that includes the headers it uses compiles a little faster.

#include <zincir/chains/fallback.hpp>
#include <zincir/chains/parallel.hpp>
#include <zincir/chains/retry.hpp>
#include <zincir/chains/timeout.hpp>
#include <zincir/core/batch.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/described.hpp>
#include <zincir/core/media.hpp>
#include <zincir/core/runtime.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/function_model.hpp>
#include <zincir/llms/init_chat_model.hpp>
#include <zincir/llms/offline_model.hpp>
#include <zincir/llms/scripted_model.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/chat_template.hpp>
#include <zincir/prompts/few_shot_prompt_template.hpp>
#include <zincir/prompts/json_parser.hpp>
#include <zincir/prompts/pipeline_prompt_template.hpp>
#include <zincir/prompts/prompt_file.hpp>
#include <zincir/prompts/prompt_folder.hpp>
#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/prompt_text.hpp>
#include <zincir/prompts/static_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>
