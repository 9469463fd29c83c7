#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the offline model knows of text. Views point into the argument. Bytes that are not UTF-8 count as one character each.
namespace zincir::detail::offline {

/// Bytes of the character at `i`.
std::size_t character_length(std::string_view text, std::size_t i) noexcept;
std::size_t count_characters(std::string_view text) noexcept;
/// The first `n` characters.
std::string_view first_characters(std::string_view text, std::size_t n) noexcept;

std::string_view trim(std::string_view text) noexcept;
/// Runs of letters and digits; an apostrophe between two letters belongs to its word.
std::vector<std::string_view> words(std::string_view text);
/// In pieces that join to `text`: a word with the white space after it, or part of a very long word.
std::vector<std::string_view> stream_pieces(std::string_view text);
std::vector<std::string_view> sentences(std::string_view text);
/// Lower case, with the four Turkish i as one, for comparing only.
std::string fold(std::string_view word);
/// `word` folded and without what follows its fifth character: a stem that also works for suffixes of Turkish.
std::string stem(std::string_view word);
/// Whether `folded` carries no meaning of its own, in English or Turkish.
bool is_stop_word(std::string_view folded);
/// The stems of the words that carry meaning, in order.
std::vector<std::string> stems(std::string_view text);
/// About how many tokens a model would count; at least 1 for a text that is not empty.
std::int64_t estimate_tokens(std::string_view text) noexcept;

/// The `count` most telling sentences in their order (SumBasic: Nenkova and Vanderwende, 2005).
std::string summarise(std::string_view text, std::size_t count);
/// Single spaces, no doubled words, a capital first and a full stop last in each sentence. Letters beyond ASCII switch capitals
/// off: the rules of case are the language's.
std::string tidy(std::string_view text);
/// The sentence of `texts` that shares most meaning with `question`, or an empty view.
std::string_view best_sentence(const std::vector<std::string_view>& texts, std::string_view question);

}  // namespace zincir::detail::offline
