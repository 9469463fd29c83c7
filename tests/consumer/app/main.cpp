#include <zincir/zincir.hpp>

#include <iostream>

int main()
{
    auto prompt = zincir::chat_prompt_template(zincir::user("Merhaba {who}!"));
    auto chain = prompt | zincir::init_chat_model("offline") | zincir::to_text();
    const auto text = zincir::sync_wait(chain.invoke("dünya"));
    std::cout << text << "\n";
    return text.find("dünya") == std::string::npos;
}
