// A key cannot be printed.
#include <zincir/core/secret.hpp>

#include <iostream>

void print(const zincir::secret& key) { std::cout << key; }
