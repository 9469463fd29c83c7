// Ten prompts that the compiler reads, as a program has them. compile_time.py measures what they cost.
#include <zincir/zincir.hpp>

using namespace zincir::literals;

struct letter {
    std::string name;
    std::string city;
    int age = 0;
};
BOOST_DESCRIBE_STRUCT(letter, (), (name, city, age))

int main()
{
    std::string all;
    all += "Tell me about {topic} in {language}."_prompt.format("topic"_a = "bears", "language"_a = "Turkish");
    all += "Translate into {language}:\n\n{text}"_prompt.format("text"_a = all, "language"_a = "English");
    all += "Summarize in {n} sentences: {text}"_prompt.format("n"_a = 3, "text"_a = all);
    all += "{a:>10} | {b:.2f} | {c:,}"_prompt.format("a"_a = "x", "b"_a = 2.5, "c"_a = 1'234'567);
    all += "{{\"name\": {name!r}, \"city\": {city!r}}}"_prompt.format("name"_a = "Ayşe", "city"_a = "Ağrı");
    all += "Dear {name} of {city}, now {age},"_prompt.format(letter{"Ayşe", "Ağrı", 31});
    all += "You are {role}. Answer in {style}. Never mention {topic}."_prompt.format("role"_a = "a poet", "style"_a = "rhymes",
                                                                                     "topic"_a = "rain");
    all += "Question: {question}\nContext: {context}\nAnswer:"_prompt.format(zincir::values("question", "Who?", "context", "none"));
    all += ("{greeting}, "_prompt + "{şehir}!"_prompt).format("greeting"_a = "Merhaba", "şehir"_a = "İzmir");
    const zincir::prompt_template last = "Give the opposite of {word}."_prompt;
    all += last.format("big");
    return all.empty();
}
