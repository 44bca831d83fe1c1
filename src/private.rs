//! The paths that the expansion of `#[jit]` names. No API: anything here may change in any release.

#[cfg(feature = "complex")]
pub use crate::complex::{Functions as ComplexFunctions, Twins as ComplexTwins};
pub use hotloop_runtime::__call as call;
pub use hotloop_runtime::__lend as lend;
pub use hotloop_runtime::__of_receiver as of_receiver;
pub use hotloop_runtime::__register as register;
pub use hotloop_runtime::__tools as tools;
pub use hotloop_runtime::companion::{Source, asm, compile, ir, llvm_ir, report};
pub use hotloop_runtime::dispatch::{Dispatcher, EntryPoint, Registry, WithConsts, const_args};
pub use hotloop_runtime::ir::instance::TypeInfo;
pub use hotloop_runtime::ir::{BuildOptions, FastMath, Parallelism, ScalarTy, Schedule};
pub use hotloop_runtime::link::precedence;
pub use hotloop_runtime::link::{
    AnyHost, AnyOperands, AsItIs, Binding, ByCopy, ByDescription, ByIdentity, ByMove,
    CopiedReceiver, Defaults, Deps, Gives, InstanceFn, Jitted, Left, Lifted, Methods, NoDefaults,
    NotJitted, Operator, OtherReceiver, PassedReceiver, Receiver, Returned, TraitTwin, Twin,
    WriteByDescription, WriteByIdentity, Written, address_of, any, array_of, called, crossed,
    is_ordering, iter_of, like, method_id, method_id_for, mut_of, no_deps, operands, operands_of,
    operators, passed, ref_of, same_function, shared, slice_of, slice_of_mut, value_of, within,
};
pub use hotloop_runtime::replay::{
    Arg, TrapInfo, Whole, assertion_failed, replay, replay_abs, replay_expect, replay_failed,
    replay_generic_abs, replay_generic_div_euclid, replay_generic_rem_euclid, replay_neg,
    replay_next_multiple_of, replay_next_power_of_two, replay_pow, replay_sum,
};
pub use hotloop_runtime::report::Requirements;
pub use hotloop_runtime::types::{
    ConstWriter, EnumValues, JitType, NoEquality, NoPartialOrder, NoTotalOrder, describe_array,
    describe_data_enum, describe_enum, describe_found_enum, describe_param, describe_ref,
    describe_slice, describe_struct, describe_tuple, is_number, offset_in, sample, write_param,
};
#[cfg(feature = "ndarray")]
pub use hotloop_runtime::types::{array_parts, array_parts_mut, view_parts, view_parts_mut};
pub use num_traits;
pub use std::eprintln;
pub use std::string::String;
pub use std::vec::Vec;

/// What lowering takes to be std's by its name: `std_names.rs` of hotloop-macros says how that is checked.
pub mod std_names {
    pub use ::{core, std};
    pub use core::option::Option::{None, Some};
    pub use core::result::Result::{Err, Ok};
    pub use num_traits::{
        Bounded, Euclid, Float, FloatConst, FromPrimitive, NumCast, One, PrimInt, SaturatingAdd,
        SaturatingMul, SaturatingSub, Signed, ToPrimitive, WrappingAdd, WrappingMul, WrappingNeg,
        WrappingSub, Zero,
    };
    pub use std::convert::{From, Into, TryFrom, TryInto};
    pub use std::{array, cmp, convert, iter, mem};
    pub use std::{
        assert, assert_eq, assert_ne, dbg, debug_assert, debug_assert_eq, debug_assert_ne, eprint,
        eprintln, matches, print, println,
    };
}
