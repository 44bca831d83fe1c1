//! num-complex's `Complex`.

use hotloop_ir::instance::TypeInfo;
use num_complex::Complex;

use super::{ConstWriter, JitType, describe_param, describe_struct, write_param};

// SAFETY: the offsets are rustc's own, and both parts describe themselves.
unsafe impl<T> JitType for Complex<T> {
    fn describe() -> TypeInfo {
        describe_struct::<Self>(&[
            ("re", std::mem::offset_of!(Self, re), describe_param::<T>),
            ("im", std::mem::offset_of!(Self, im), describe_param::<T>),
        ])
    }

    fn write(&self, out: &mut ConstWriter) {
        out.at(std::mem::offset_of!(Self, re), |out| {
            write_param(&self.re, out)
        });
        out.at(std::mem::offset_of!(Self, im), |out| {
            write_param(&self.im, out)
        });
    }
}
