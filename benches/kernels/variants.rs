//! One text, several attributes: `kernels!` instantiates the functions of a family once per set of options.

/// Declares the functions of a family under each set of `#[jit]` options that is measured.
///
/// ```text
/// kernels! {
///     fn scale(a: f64, x: &mut [f64]) { .. }
/// }
/// ```
///
/// gives `jit::scale`, `jit_fast::scale` and `jit_par::scale`; rustc's body of either is `jit::scale::plain`. A result type has to be one token or a
/// parenthesized tuple, for everything is passed on as single tokens: a fragment such as `$body:block` would reach the attribute
/// wrapped in an invisible group, which no function in a user's program has.
///
/// To measure another set of options, add a module here and a variant to `Variant`.
macro_rules! kernels {
    ($($text:tt)*) => {
        /// The attribute alone.
        pub(crate) mod jit {
            plain_jit! { $($text)* }
        }
        /// With the algebraic freedoms of `fastmath`.
        pub(crate) mod jit_fast {
            instantiate! { (fastmath) $($text)* }
        }
        /// With them, on several threads.
        pub(crate) mod jit_par {
            instantiate! { (fastmath, parallel) $($text)* }
        }
    };
}

// `plain_jit!` is `instantiate!` without options, or with `cache`, as the benchmark has it that contains this file.

/// The functions of `kernels!` under one set of options.
macro_rules! instantiate {
    ($options:tt $($(#[$doc:meta])* fn $name:ident $parameters:tt $(-> $result:tt)? { $($body:tt)* })*) => {
        $(
            $(#[$doc])*
            #[::hotloop::jit $options]
            pub(crate) fn $name $parameters $(-> $result)? { $($body)* }
        )*
    };
}
