// Boost.JSON, compiled with the sanitizers of this build: the system's library has none, and uses of freed memory in it go unseen.

#include <boost/json/src.hpp>
