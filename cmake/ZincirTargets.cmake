# Helpers that every module, test and example shares.

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
  endif()
  find_program(ZINCIR_CCACHE ccache)
  if(ZINCIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${ZINCIR_CCACHE}")
  endif()
endif()

# Warnings, language level and sanitizers for a target of ours; never passed on to users.
function(zincir_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees a mismatch in Asio's coroutine frames, whose operator new and delete it inlines differently: a false alarm.
    target_compile_options(${target} PRIVATE -Wno-mismatched-new-delete)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # At -O2 and above, "text" + std::string warns inside libstdc++: GCC bug 105651.
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-Wno-restrict>)
      if(CMAKE_CXX_FLAGS_DEBUG MATCHES "-fsanitize")
        # With sanitizers, std::regex warns inside libstdc++: GCC bug 105562.
        target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
      endif()
    endif()
  endif()
  if(ZINCIR_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# zincir_module(NAME SOURCES a.cpp … PUBLIC targets… PRIVATE targets…): the library zincir::NAME of folder NAME.
function(zincir_module module)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target zincir_${module})
  add_library(${target} ${arg_SOURCES})
  add_library(zincir::${module} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${module})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_include_directories(${target} PRIVATE src)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  zincir_compile_options(${target})
endfunction()

# zincir_test(NAME file.cpp… LINK targets…): a GoogleTest program whose tests ctest knows one by one, or with
# ZINCIR_WHOLE_TEST_PROGRAMS as one: with sanitizers the start of a process takes longer than most tests.
function(zincir_test name)
  cmake_parse_arguments(arg "" "LABELS;TIMEOUT" "LINK" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support")
  zincir_compile_options(${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(ZINCIR_WHOLE_TEST_PROGRAMS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900)
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  endif()
endfunction()
