#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail::offline {

/// The words and numbers of a prompt, handed out to the members of a JSON object by their names. Each is handed out once, as long
/// as there are others. The prompt must outlive it.
class source {
public:
    explicit source(std::string_view prompt);

    /// What the prompt says about `key`: "name: Ada", "named Ada"; else a name, a quotation or a word that is left.
    std::string value_of(std::string_view key);
    /// A text of that JSON Schema format, from the prompt where it has one.
    std::string formatted(std::string_view format, std::string_view key);
    /// The number beside `key`, else the next one that is left.
    std::optional<double> number(std::string_view key);
    std::size_t numbers_left() const noexcept { return numbers_.size(); }
    /// Whether the prompt mentions `key`, and does not deny it.
    bool affirms(std::string_view key) const;
    bool mentions(std::string_view text) const;
    std::string next_word(std::string_view key);
    /// How many entries a list named `key` should have; value_of(key) then gives them one by one.
    std::size_t start_list(std::string_view key);
    /// The prompt split at white space, without the punctuation around.
    const std::vector<std::string>& tokens() const noexcept { return tokens_; }

private:
    std::optional<std::string> labelled(std::string_view key) const;
    std::optional<std::string> take_name();

    struct number_at {
        double value;
        std::size_t word;
    };
    std::string_view prompt_;
    std::vector<std::string> tokens_{};
    std::vector<std::string> stems_{};  // of tokens_, one each
    std::deque<number_at> numbers_{};
    std::deque<std::string> names_{};
    std::deque<std::string> quotations_{};
    std::deque<std::string> list_{};
    std::vector<std::string> words_{};  // that carry meaning
    std::size_t next_word_ = 0;
    std::set<std::string, std::less<>> used_{};
};

}  // namespace zincir::detail::offline
