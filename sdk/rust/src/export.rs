use crate::log;

/// Exports a connector from its crate: takes a closure that builds it.
#[macro_export]
macro_rules! connector {
    ($build:expr) => {
        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "the component's entry points are exported symbols")]
        mod exported {
            use super::*;
            use $crate::bindings::exports::waymark::connector::api;

            struct Exported;

            impl api::Guest for Exported {
                fn describe() -> String {
                    $crate::report_panics();
                    ($build)().describe()
                }

                fn invoke(operation: String, input: String) -> Result<String, api::Failure> {
                    $crate::report_panics();
                    ($build)().invoke(&operation, &input).map_err($crate::Failure::into_wit)
                }
            }

            $crate::bindings::export_connector!(Exported with_types_in $crate::bindings);
        }
    };
}

/// Sends a panic's message to the host before the component traps; `connector!` calls it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("a panic without a message");
        log::panic(message, &location);
    }));
}
