#pragma once

#include <string>
#include <system_error>

namespace rouse {

/// Why a reactor cannot be made, in words for the operator: what happened, what causes it, what
/// cures it.
struct setup_failure {
    std::error_code code;
    std::string message;
};

}  // namespace rouse
