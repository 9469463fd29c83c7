# Configures, builds and runs the consumer. -DHOW=package installs the build first; -DHOW=subfolder takes the source.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "exit status ${status}: ${command}")
  endif()
endfunction()

# What an earlier run installed must not hide what this one forgets.
file(REMOVE_RECURSE "${WORK}")
if(HOW STREQUAL "package")
  run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
  set(from "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
else()
  set(from "-DZINCIR_SOURCE=${SOURCE}")
endif()
run("${CMAKE_COMMAND}" -S "${APP}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" -DCMAKE_BUILD_TYPE=Debug ${from})
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/consumer")
