# cmake --install, and a package for find_package(zincir).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS zincir zincir_core zincir_net zincir_prompts zincir_llms zincir_chains EXPORT zincirTargets)
foreach(module core net prompts llms chains)
  install(DIRECTORY ${module}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
install(DIRECTORY cmake/umbrella/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT zincirTargets NAMESPACE zincir:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/zincir)
configure_package_config_file(cmake/zincirConfig.cmake.in "${PROJECT_BINARY_DIR}/zincirConfig.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/zincir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/zincirConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/zincirConfig.cmake" "${PROJECT_BINARY_DIR}/zincirConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/zincir)
