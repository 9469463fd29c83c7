# cmake -DCOMPILER=… -DSOURCE=… -DINCLUDES=a|b -DLINES=n -DEXPECT=regex|regex -P expect_failure.cmake
# Succeeds when SOURCE does not compile and the first n lines the compiler writes match every regex.
string(REPLACE "|" ";" includes "${INCLUDES}")
list(TRANSFORM includes PREPEND "-I")
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only -DBOOST_ASIO_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED ${includes} ${SOURCE}
  RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
if(status EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, but must not")
endif()
string(REPLACE ";" "," said "${said}")
string(REGEX MATCHALL "[^\n]+" lines "${said}")
list(SUBLIST lines 0 ${LINES} first)
string(REPLACE "|" ";" expected "${EXPECT}")
foreach(regex ${expected})
  if(NOT first MATCHES "${regex}")
    message(FATAL_ERROR "The first ${LINES} lines do not match '${regex}':\n${said}")
  endif()
endforeach()
