//! What generated code may call: libm, the C library's memory functions, compiler support for 128-bit integers, and bridges
//! to methods of std that are better not imitated; and the platform's vector math. Loading resolves names here and nowhere else.

// `i128` passes through `extern "C"` as C's `__int128` does since Rust 1.77; the lint learned it in 1.89.
#![allow(improper_ctypes, improper_ctypes_definitions)]

use crate::cpu;

/// The address of the function with this name, if generated code may call it.
pub fn resolve(name: &str) -> Option<*const ()> {
    // The prefix of the vector function ABI.
    if name.starts_with("_ZGV") {
        return cpu::vector_math_library()?.symbol(name);
    }
    #[cfg(hotloop_tsan)]
    if name.starts_with("__tsan_") {
        return sanitizer::resolve(name);
    }
    let index = TABLE.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    Some(TABLE[index].address)
}

/// ThreadSanitizer's functions, which the compiler links into a process with `-Zsanitizer=thread`.
#[cfg(hotloop_tsan)]
mod sanitizer {
    macro_rules! functions {
        ($($name:ident)*) => {
            // Only their addresses are of interest.
            unsafe extern "C" { $(fn $name();)* }

            pub(super) fn resolve(name: &str) -> Option<*const ()> {
                $(if name == stringify!($name) {
                    return Some($name as *const ());
                })*
                None
            }
        };
    }

    functions! {
        __tsan_func_entry __tsan_func_exit
        __tsan_read1 __tsan_read2 __tsan_read4 __tsan_read8 __tsan_read16
        __tsan_write1 __tsan_write2 __tsan_write4 __tsan_write8 __tsan_write16
        __tsan_unaligned_read2 __tsan_unaligned_read4 __tsan_unaligned_read8 __tsan_unaligned_read16
        __tsan_unaligned_write2 __tsan_unaligned_write4 __tsan_unaligned_write8 __tsan_unaligned_write16
        __tsan_memcpy __tsan_memmove __tsan_memset
    }
}

struct Entry {
    name: &'static str,
    address: *const (),
}

// SAFETY: the addresses are those of functions: never written, never freed, and nothing here calls them.
unsafe impl Sync for Entry {}

macro_rules! table {
    ($($name:literal => $function:path,)*) => {
        &[$(Entry { name: $name, address: $function as *const () },)*]
    };
}

/// Sorted by name, which a test checks.
static TABLE: &[Entry] = table! {
    "__divti3" => bridge::divti3,
    "__fixdfti" => bridge::fixdfti,
    "__fixsfti" => bridge::fixsfti,
    "__fixunsdfti" => bridge::fixunsdfti,
    "__fixunssfti" => bridge::fixunssfti,
    "__floattidf" => bridge::floattidf,
    "__floattisf" => bridge::floattisf,
    "__floatuntidf" => bridge::floatuntidf,
    "__floatuntisf" => bridge::floatuntisf,
    "__modti3" => bridge::modti3,
    "__muloti4" => bridge::muloti4,
    "__multi3" => bridge::multi3,
    "__powidf2" => bridge::powidf2,
    "__powisf2" => bridge::powisf2,
    "__udivti3" => bridge::udivti3,
    "__umodti3" => bridge::umodti3,
    "acos" => libm::acos,
    "acosf" => libm::acosf,
    "acosh" => libm::acosh,
    "acoshf" => libm::acoshf,
    "asin" => libm::asin,
    "asinf" => libm::asinf,
    "asinh" => libm::asinh,
    "asinhf" => libm::asinhf,
    "atan" => libm::atan,
    "atan2" => libm::atan2,
    "atan2f" => libm::atan2f,
    "atanf" => libm::atanf,
    "atanh" => libm::atanh,
    "atanhf" => libm::atanhf,
    "cbrt" => libm::cbrt,
    "cbrtf" => libm::cbrtf,
    "ceil" => libm::ceil,
    "ceilf" => libm::ceilf,
    "copysign" => libm::copysign,
    "copysignf" => libm::copysignf,
    "cos" => libm::cos,
    "cosf" => libm::cosf,
    "cosh" => libm::cosh,
    "coshf" => libm::coshf,
    "exp" => libm::exp,
    "exp10" => bridge::exp10,
    "exp10f" => bridge::exp10f,
    "exp2" => libm::exp2,
    "exp2f" => libm::exp2f,
    "expf" => libm::expf,
    "expm1" => libm::expm1,
    "expm1f" => libm::expm1f,
    "fabs" => libm::fabs,
    "fabsf" => libm::fabsf,
    "fdim" => libm::fdim,
    "fdimf" => libm::fdimf,
    "floor" => libm::floor,
    "floorf" => libm::floorf,
    "fma" => libm::fma,
    "fmaf" => libm::fmaf,
    "fmax" => libm::fmax,
    "fmaxf" => libm::fmaxf,
    "fmin" => libm::fmin,
    "fminf" => libm::fminf,
    "fmod" => libm::fmod,
    "fmodf" => libm::fmodf,
    "hotloop_acosh_f32" => bridge::acosh_f32,
    "hotloop_acosh_f64" => bridge::acosh_f64,
    "hotloop_asinh_f32" => bridge::asinh_f32,
    "hotloop_asinh_f64" => bridge::asinh_f64,
    "hotloop_atanh_f32" => bridge::atanh_f32,
    "hotloop_atanh_f64" => bridge::atanh_f64,
    "hotloop_deferred" => crate::dispatch::address_of_deferred,
    "hotloop_ilog10_u128" => bridge::ilog10_u128,
    "hotloop_ilog10_u64" => bridge::ilog10_u64,
    "hotloop_ilog_u128" => bridge::ilog_u128,
    "hotloop_ilog_u64" => bridge::ilog_u64,
    "hotloop_isqrt_u128" => bridge::isqrt_u128,
    "hotloop_isqrt_u64" => bridge::isqrt_u64,
    "hotloop_lanes_cos" => bridge::lanes_cos,
    "hotloop_lanes_cosf" => bridge::lanes_cosf,
    "hotloop_lanes_sin" => bridge::lanes_sin,
    "hotloop_lanes_sinf" => bridge::lanes_sinf,
    "hotloop_lanes_tan" => bridge::lanes_tan,
    "hotloop_lanes_tanf" => bridge::lanes_tanf,
    "hotloop_parallel" => crate::parallel::launch,
    "hypot" => libm::hypot,
    "hypotf" => libm::hypotf,
    "ldexp" => libm::ldexp,
    "ldexpf" => libm::ldexpf,
    "log" => libm::log,
    "log10" => libm::log10,
    "log10f" => libm::log10f,
    "log1p" => libm::log1p,
    "log1pf" => libm::log1pf,
    "log2" => libm::log2,
    "log2f" => libm::log2f,
    "logf" => libm::logf,
    "memcmp" => libm::memcmp,
    "memcpy" => libm::memcpy,
    "memmove" => libm::memmove,
    "memset" => libm::memset,
    "pow" => libm::pow,
    "powf" => libm::powf,
    "rint" => libm::rint,
    "rintf" => libm::rintf,
    "round" => libm::round,
    "roundf" => libm::roundf,
    "sin" => libm::sin,
    "sincos" => bridge::sincos,
    "sincosf" => bridge::sincosf,
    "sinf" => libm::sinf,
    "sinh" => libm::sinh,
    "sinhf" => libm::sinhf,
    "sqrt" => libm::sqrt,
    "sqrtf" => libm::sqrtf,
    "strlen" => libm::strlen,
    "tan" => libm::tan,
    "tanf" => libm::tanf,
    "tanh" => libm::tanh,
    "tanhf" => libm::tanhf,
    "trunc" => libm::trunc,
    "truncf" => libm::truncf,
};

/// The C library, which every program with std links. The very functions that std's methods call.
mod libm {
    use std::ffi::{c_char, c_int, c_void};

    unsafe extern "C" {
        pub(super) fn acos(x: f64) -> f64;
        pub(super) fn acosf(x: f32) -> f32;
        pub(super) fn acosh(x: f64) -> f64;
        pub(super) fn acoshf(x: f32) -> f32;
        pub(super) fn asin(x: f64) -> f64;
        pub(super) fn asinf(x: f32) -> f32;
        pub(super) fn asinh(x: f64) -> f64;
        pub(super) fn asinhf(x: f32) -> f32;
        pub(super) fn atan(x: f64) -> f64;
        pub(super) fn atanf(x: f32) -> f32;
        pub(super) fn atanh(x: f64) -> f64;
        pub(super) fn atanhf(x: f32) -> f32;
        pub(super) fn atan2(y: f64, x: f64) -> f64;
        pub(super) fn atan2f(y: f32, x: f32) -> f32;
        pub(super) fn cbrt(x: f64) -> f64;
        pub(super) fn cbrtf(x: f32) -> f32;
        pub(super) fn ceil(x: f64) -> f64;
        pub(super) fn ceilf(x: f32) -> f32;
        pub(super) fn copysign(x: f64, sign: f64) -> f64;
        pub(super) fn copysignf(x: f32, sign: f32) -> f32;
        pub(super) fn cos(x: f64) -> f64;
        pub(super) fn cosf(x: f32) -> f32;
        pub(super) fn cosh(x: f64) -> f64;
        pub(super) fn coshf(x: f32) -> f32;
        pub(super) fn exp(x: f64) -> f64;
        pub(super) fn expf(x: f32) -> f32;
        pub(super) fn exp2(x: f64) -> f64;
        pub(super) fn exp2f(x: f32) -> f32;
        pub(super) fn expm1(x: f64) -> f64;
        pub(super) fn expm1f(x: f32) -> f32;
        pub(super) fn fabs(x: f64) -> f64;
        pub(super) fn fabsf(x: f32) -> f32;
        pub(super) fn fdim(x: f64, y: f64) -> f64;
        pub(super) fn fdimf(x: f32, y: f32) -> f32;
        pub(super) fn floor(x: f64) -> f64;
        pub(super) fn floorf(x: f32) -> f32;
        pub(super) fn fma(x: f64, y: f64, z: f64) -> f64;
        pub(super) fn fmaf(x: f32, y: f32, z: f32) -> f32;
        pub(super) fn fmax(x: f64, y: f64) -> f64;
        pub(super) fn fmaxf(x: f32, y: f32) -> f32;
        pub(super) fn fmin(x: f64, y: f64) -> f64;
        pub(super) fn fminf(x: f32, y: f32) -> f32;
        pub(super) fn fmod(x: f64, y: f64) -> f64;
        pub(super) fn fmodf(x: f32, y: f32) -> f32;
        pub(super) fn hypot(x: f64, y: f64) -> f64;
        pub(super) fn hypotf(x: f32, y: f32) -> f32;
        pub(super) fn ldexp(x: f64, exponent: c_int) -> f64;
        pub(super) fn ldexpf(x: f32, exponent: c_int) -> f32;
        pub(super) fn log(x: f64) -> f64;
        pub(super) fn logf(x: f32) -> f32;
        pub(super) fn log10(x: f64) -> f64;
        pub(super) fn log10f(x: f32) -> f32;
        pub(super) fn log1p(x: f64) -> f64;
        pub(super) fn log1pf(x: f32) -> f32;
        pub(super) fn log2(x: f64) -> f64;
        pub(super) fn log2f(x: f32) -> f32;
        pub(super) fn memcmp(lhs: *const c_void, rhs: *const c_void, size: usize) -> c_int;
        pub(super) fn memcpy(to: *mut c_void, from: *const c_void, size: usize) -> *mut c_void;
        pub(super) fn memmove(to: *mut c_void, from: *const c_void, size: usize) -> *mut c_void;
        pub(super) fn memset(to: *mut c_void, byte: c_int, size: usize) -> *mut c_void;
        pub(super) fn pow(x: f64, y: f64) -> f64;
        pub(super) fn powf(x: f32, y: f32) -> f32;
        pub(super) fn rint(x: f64) -> f64;
        pub(super) fn rintf(x: f32) -> f32;
        pub(super) fn round(x: f64) -> f64;
        pub(super) fn roundf(x: f32) -> f32;
        pub(super) fn sin(x: f64) -> f64;
        pub(super) fn sinf(x: f32) -> f32;
        pub(super) fn sinh(x: f64) -> f64;
        pub(super) fn sinhf(x: f32) -> f32;
        pub(super) fn sqrt(x: f64) -> f64;
        pub(super) fn sqrtf(x: f32) -> f32;
        pub(super) fn strlen(text: *const c_char) -> usize;
        pub(super) fn tan(x: f64) -> f64;
        pub(super) fn tanf(x: f32) -> f32;
        pub(super) fn tanh(x: f64) -> f64;
        pub(super) fn tanhf(x: f32) -> f32;
        pub(super) fn trunc(x: f64) -> f64;
        pub(super) fn truncf(x: f32) -> f32;
    }
}

/// Functions of ours. None can panic for the arguments that generated code passes; should one all the same, leaving an
/// `extern "C"` function by a panic aborts the process.
mod bridge {
    macro_rules! method {
        ($($function:ident($x:ident: $ty:ty $(, $y:ident: $other:ty)*) -> $result:ty = $value:expr;)*) => {
            $(pub(super) extern "C" fn $function($x: $ty $(, $y: $other)*) -> $result { $value })*
        };
    }

    method! {
        acosh_f32(x: f32) -> f32 = x.acosh();
        acosh_f64(x: f64) -> f64 = x.acosh();
        asinh_f32(x: f32) -> f32 = x.asinh();
        asinh_f64(x: f64) -> f64 = x.asinh();
        atanh_f32(x: f32) -> f32 = x.atanh();
        atanh_f64(x: f64) -> f64 = x.atanh();
        powidf2(x: f64, n: i32) -> f64 = x.powi(n);
        powisf2(x: f32, n: i32) -> f32 = x.powi(n);
        isqrt_u64(x: u64) -> u64 = x.isqrt();
        isqrt_u128(x: u128) -> u128 = x.isqrt();
        ilog_u64(x: u64, base: u64) -> u64 = x.checked_ilog(base).unwrap_or(0).into();
        ilog_u128(x: u128, base: u128) -> u128 = x.checked_ilog(base).unwrap_or(0).into();
        ilog10_u64(x: u64) -> u64 = x.checked_ilog10().unwrap_or(0).into();
        ilog10_u128(x: u128) -> u128 = x.checked_ilog10().unwrap_or(0).into();
        divti3(x: i128, y: i128) -> i128 = x.checked_div(y).unwrap_or(0);
        modti3(x: i128, y: i128) -> i128 = x.checked_rem(y).unwrap_or(0);
        udivti3(x: u128, y: u128) -> u128 = x.checked_div(y).unwrap_or(0);
        umodti3(x: u128, y: u128) -> u128 = x.checked_rem(y).unwrap_or(0);
        multi3(x: i128, y: i128) -> i128 = x.wrapping_mul(y);
        fixdfti(x: f64) -> i128 = x as i128;
        fixsfti(x: f32) -> i128 = x as i128;
        fixunsdfti(x: f64) -> u128 = x as u128;
        fixunssfti(x: f32) -> u128 = x as u128;
        floattidf(x: i128) -> f64 = x as f64;
        floattisf(x: i128) -> f32 = x as f32;
        floatuntidf(x: u128) -> f64 = x as f64;
        floatuntisf(x: u128) -> f32 = x as f32;
    }

    macro_rules! lanes {
        ($($function:ident: $ty:ty, $method:ident;)*) => {$(
            /// The lanes of a vector, each replaced.
            ///
            /// # Safety
            ///
            /// The pointer is for reading and writing `count` numbers.
            pub(super) unsafe extern "C" fn $function(lanes: *mut $ty, count: usize) {
                // SAFETY: the caller promises it.
                let lanes = unsafe { std::slice::from_raw_parts_mut(lanes, count) };
                for x in lanes {
                    *x = x.$method();
                }
            }
        )*};
    }

    lanes! {
        lanes_cos: f64, cos;
        lanes_cosf: f32, cos;
        lanes_sin: f64, sin;
        lanes_sinf: f32, sin;
        lanes_tan: f64, tan;
        lanes_tanf: f32, tan;
    }

    /// LLVM makes it of `pow(10.0, x)` where the C library has it.
    pub(super) extern "C" fn exp10(x: f64) -> f64 {
        10_f64.powf(x)
    }

    /// As [`exp10`], for `f32`.
    pub(super) extern "C" fn exp10f(x: f32) -> f32 {
        10_f32.powf(x)
    }

    /// LLVM makes it of a sine and a cosine of one number.
    ///
    /// # Safety
    ///
    /// Both pointers are for writing an `f64`.
    pub(super) unsafe extern "C" fn sincos(x: f64, sin: *mut f64, cos: *mut f64) {
        // SAFETY: the caller promises it.
        unsafe {
            sin.write(x.sin());
            cos.write(x.cos());
        }
    }

    /// As [`sincos`], for `f32`.
    ///
    /// # Safety
    ///
    /// Both pointers are for writing an `f32`.
    pub(super) unsafe extern "C" fn sincosf(x: f32, sin: *mut f32, cos: *mut f32) {
        // SAFETY: the caller promises it.
        unsafe {
            sin.write(x.sin());
            cos.write(x.cos());
        }
    }

    /// The product, and through the pointer whether it overflowed.
    ///
    /// # Safety
    ///
    /// The pointer is for writing an `i32`.
    pub(super) unsafe extern "C" fn muloti4(x: i128, y: i128, overflow: *mut i32) -> i128 {
        let (product, overflows) = x.overflowing_mul(y);
        // SAFETY: the caller promises it.
        unsafe { overflow.write(overflows.into()) };
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn library_functions_of_codegen_are_there() {
        for &intrinsic in hotloop_ir::Intrinsic::ALL {
            if let Some((single, double)) = crate::codegen::symbol_names(intrinsic) {
                assert!(resolve(single).is_some(), "{single}");
                assert!(resolve(double).is_some(), "{double}");
            }
        }
        for bridge in crate::codegen::lane_bridges() {
            assert!(resolve(&bridge).is_some(), "{bridge}");
        }
        assert_eq!(resolve("system"), None);
    }
}
