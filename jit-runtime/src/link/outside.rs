//! Functions of Rust's that a jitted function calls although nobody asked for that: what is not jitted is a host function.
//!
//! The expansion writes a closure that calls the function with the arguments of one call, `|(a, b)| foo(a, b)`. Whether its types can pass
//! between compiled code and Rust's is found out at run time: nothing asks for it of rustc, so a function that takes a `String` is no
//! error, but a reason for which its caller is not compiled.
//!
//! What passes: scalars, structs, tuples and arrays that [`JitType`] describes, by value and by reference, slices of these; as results also
//! `Option` and `Result` of these, which [`Returned`] takes apart.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;

use hotloop_ir::func::MAX_HOST_BYTES;
use hotloop_ir::instance::{HostInfo, TypeInfo};

use super::host::{HostCall, caught, conjure};
use crate::types::{ConstWriter, JitType, scalar_of, shape_of, write_shape};

/// The arguments of a call.
pub trait HostArgs: Sized {
    /// The type of each, as far as its identity tells.
    #[doc(hidden)]
    fn types() -> Vec<TypeInfo>;

    /// The arguments, each from a word of its own.
    ///
    /// # Safety
    ///
    /// `words` points to a word for each argument: its bytes, or, if it has more than 16, a pointer to it. They are those of a valid value,
    /// which is moved out.
    #[doc(hidden)]
    unsafe fn read(words: *const u128) -> Self;
}

/// Whether an argument lies in its word.
const fn fits_word<T>() -> bool {
    size_of::<T>() <= MAX_HOST_BYTES as usize && align_of::<T>() <= MAX_HOST_BYTES as usize
}

/// An argument from its word.
///
/// # Safety
///
/// As [`HostArgs::read`], for one.
unsafe fn read_word<T>(word: *const u128) -> T {
    if fits_word::<T>() {
        // SAFETY: the word has the value's bytes: the low ones and hence the first, since only little-endian machines are compiled for. It is
        // aligned for every type that fits.
        unsafe { word.cast::<T>().read() }
    } else {
        // SAFETY: the word has a pointer to the value.
        unsafe { word.cast::<*const T>().read().read() }
    }
}

macro_rules! host_args {
    ($(($($param:ident $index:literal $probe:ident)*))*) => { $(
        impl<$($param),*> HostArgs for ($($param,)*) {
            fn types() -> Vec<TypeInfo> {
                vec![$(identified::<$param>()),*]
            }

            #[allow(unused_variables, clippy::unused_unit)]
            unsafe fn read(words: *const u128) -> Self {
                // SAFETY: there is a word for each, says the caller.
                ($(unsafe { read_word::<$param>(words.add($index)) },)*)
            }
        }

        impl<R, $($param),*> Crossing<($($param,)*), R> {
            $(
                /// The type of an argument.
                pub fn $probe(&self) -> Passed<$param> {
                    Passed(PhantomData)
                }
            )*
        }
    )* };
}
host_args! {
    ()
    (A 0 arg_0)
    (A 0 arg_0 B 1 arg_1)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6 H 7 arg_7)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6 H 7 arg_7 I 8 arg_8)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6 H 7 arg_7 I 8 arg_8 J 9 arg_9)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6 H 7 arg_7 I 8 arg_8 J 9 arg_9 K 10 arg_10)
    (A 0 arg_0 B 1 arg_1 C 2 arg_2 D 3 arg_3 E 4 arg_4 F 5 arg_5 G 6 arg_6 H 7 arg_7 I 8 arg_8 J 9 arg_9 K 10 arg_10 L 11 arg_11)
}

// What the types are.

/// The types of a call, for the expansion to say what they are.
#[derive(Debug)]
pub struct Crossing<A, R>(PhantomData<fn(A) -> R>);

impl<A, R> Crossing<A, R> {
    /// The type of the result.
    pub fn result(&self) -> Passed<R> {
        Passed(PhantomData)
    }
}

/// The type that is described.
trait Described {
    type Type;
}

impl<T> Described for Passed<T> {
    type Type = T;
}

/// Tuples, whose elements are described one by one where rustc does not know that the tuple describes itself.
macro_rules! parts {
    ($(($($param:ident $index:tt $probe:ident)*))*) => { $(
        impl<$($param),*> Passed<($($param,)*)> {
            $(
                /// An element.
                pub fn $probe(&self) -> Passed<$param> {
                    Passed(PhantomData)
                }
            )*

            /// The tuple with elements that are described so.
            pub fn of_parts(&self, parts: Vec<TypeInfo>) -> TypeInfo {
                let offsets = [$(std::mem::offset_of!(<Self as Described>::Type, $index)),*];
                let fields = (parts.into_iter().zip(offsets).enumerate())
                    .map(|(index, (part, offset))| (index.to_string(), offset as u64, part))
                    .collect();
                TypeInfo::Tuple(Arc::new(hotloop_ir::instance::StructInfo {
                    name: std::any::type_name::<($($param,)*)>().to_owned(),
                    size: size_of::<($($param,)*)>() as u64,
                    align: align_of::<($($param,)*)>() as u64,
                    fields,
                }))
            }
        }
    )* };
}
parts! {
    (A 0 part_0 B 1 part_1)
    (A 0 part_0 B 1 part_1 C 2 part_2)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6 H 7 part_7)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6 H 7 part_7 I 8 part_8)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6 H 7 part_7 I 8 part_8 J 9 part_9)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6 H 7 part_7 I 8 part_8 J 9 part_9 K 10 part_10)
    (A 0 part_0 B 1 part_1 C 2 part_2 D 3 part_3 E 4 part_4 F 5 part_5 G 6 part_6 H 7 part_7 I 8 part_8 J 9 part_9 K 10 part_10 L 11 part_11)
}

/// What a [`Crossing`] is known to be: arguments, by their number, and the result.
#[derive(Debug)]
pub struct Crossed(Vec<(usize, TypeInfo)>, TypeInfo);

/// Says what the types of a call are; of arguments that are not named the identity is enough.
pub fn crossed(args: Vec<(usize, TypeInfo)>, result: TypeInfo) -> Crossed {
    Crossed(args, result)
}

/// A type. Its description is that of [`JitType`] where rustc knows that it has one ([`ByDescription`]), and else what its identity tells
/// ([`ByIdentity`], which a method call finds only behind the other).
#[derive(Debug)]
pub struct Passed<T>(PhantomData<fn() -> T>);

/// A type, to be asked for its description.
pub fn passed<T>() -> Passed<T> {
    Passed(PhantomData)
}

/// Types that describe themselves.
pub trait ByDescription {
    /// The type.
    fn passed_type(&self) -> TypeInfo;
}

impl<T: JitType> ByDescription for Passed<T> {
    fn passed_type(&self) -> TypeInfo {
        T::describe()
    }
}

/// All types.
pub trait ByIdentity {
    /// The type.
    fn passed_type(&self) -> TypeInfo;
}

impl<T> ByIdentity for &Passed<T> {
    fn passed_type(&self) -> TypeInfo {
        identified::<T>()
    }
}

/// A value, to be copied as a constant: by [`JitType`] where rustc knows that its type has it, or else as what it is by its identity.
#[derive(Debug)]
pub struct Written<'v, T>(pub &'v T);

/// Values of types that describe themselves.
pub trait WriteByDescription {
    /// Copies the value.
    fn write_to(&self, out: &mut ConstWriter);
}

impl<T: JitType> WriteByDescription for Written<'_, T> {
    fn write_to(&self, out: &mut ConstWriter) {
        self.0.write(out);
    }
}

/// All values.
pub trait WriteByIdentity {
    /// Copies the value.
    fn write_to(&self, out: &mut ConstWriter);
}

impl<T> WriteByIdentity for &Written<'_, T> {
    fn write_to(&self, out: &mut ConstWriter) {
        write_shape(self.0, out);
    }
}

/// A type of which nothing but its identity is known: a scalar, a reference or slice of scalars, or what they are returned in.
pub(super) fn identified<T>() -> TypeInfo {
    let id = typeid::of::<T>();
    if id == std::any::TypeId::of::<()>() {
        return TypeInfo::Unit;
    }
    if let Some(scalar) = scalar_of::<T>() {
        return TypeInfo::Scalar(scalar);
    }
    // `typeid::of` erases lifetimes, and these types differ in nothing else from those that are compared.
    macro_rules! compare {
        ($($ty:ty)*) => { $(
            if id == std::any::TypeId::of::<&'static $ty>() {
                return <&$ty as JitType>::describe();
            }
            if id == std::any::TypeId::of::<&'static mut $ty>() {
                return <&mut $ty as JitType>::describe();
            }
            if id == std::any::TypeId::of::<&'static [$ty]>() {
                return <&[$ty] as JitType>::describe();
            }
            if id == std::any::TypeId::of::<&'static mut [$ty]>() {
                return <&mut [$ty] as JitType>::describe();
            }
            if id == std::any::TypeId::of::<Flagged<$ty>>() {
                return <Flagged<$ty> as JitType>::describe();
            }
        )* };
    }
    compare!(f64 f32 usize u64 i64 u32 i32 u8 i8 u16 i16 isize u128 i128 bool char);
    if id == std::any::TypeId::of::<char>() {
        return TypeInfo::Char;
    }
    if let Some(shape) = shape_of::<T>() {
        return shape;
    }
    TypeInfo::Unknown(std::any::type_name::<T>().to_owned())
}

/// Whether a type lies in memory as rustc's values do, with nothing in it that compiled code has in another form.
fn is_plain(ty: &TypeInfo) -> bool {
    match ty {
        TypeInfo::Scalar(_) | TypeInfo::Char | TypeInfo::Enum(_) => true,
        TypeInfo::DataEnum(info) => (info.variants.iter())
            .flat_map(|variant| &variant.fields)
            .all(|(.., ty)| *ty == TypeInfo::Unit || is_plain(ty)),
        TypeInfo::Array(elem, _) => is_plain(elem),
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => {
            (info.fields.iter()).all(|(.., ty)| *ty == TypeInfo::Unit || is_plain(ty))
        }
        TypeInfo::Unit
        | TypeInfo::Slice { .. }
        | TypeInfo::Ref { .. }
        | TypeInfo::Option(_)
        | TypeInfo::Result(..)
        | TypeInfo::Unknown(_) => false,
    }
}

fn is_argument(ty: &TypeInfo) -> bool {
    match ty {
        TypeInfo::Slice { elem: to, .. } | TypeInfo::Ref { to, .. } => is_plain(to),
        other => is_plain(other),
    }
}

fn is_result(ty: &TypeInfo) -> bool {
    let is_payload = |ty: &TypeInfo| *ty == TypeInfo::Unit || is_plain(ty);
    match ty {
        TypeInfo::Option(some) => is_plain(some),
        TypeInfo::Result(ok, err) => is_payload(ok) && is_payload(err),
        other => is_payload(other),
    }
}

// How results return.

/// What a function returned, to be brought into the form that compiled code has it in: the method of `Option`s and `Result`s is their own,
/// and comes before that of [`AsItIs`], which everything has.
#[derive(Debug)]
pub struct Returned<R>(pub R);

/// What a macro gave. The closure in which the macro stands returns this, so that nothing in its expansion returns anything else.
#[derive(Debug)]
pub struct Lifted<R>(pub R);

/// What a macro as a statement gave: nothing, or what the function is to return, for the `return`s among the macro's own tokens give this.
#[derive(Debug)]
pub struct Left<R>(pub Result<(), R>);

/// Results that lie in memory as compiled code has them.
pub trait AsItIs {
    /// The type.
    type Value;

    /// The value.
    fn returned(self) -> Self::Value;
}

impl<R> AsItIs for Returned<R> {
    type Value = R;

    fn returned(self) -> R {
        self.0
    }
}

/// Room for a payload: a byte at least, as `()` is a `bool` there.
#[repr(C)]
union Room<T> {
    value: std::mem::ManuallyDrop<T>,
    byte: MaybeUninit<u8>,
}

impl<T> Room<T> {
    const EMPTY: Self = Room {
        byte: MaybeUninit::uninit(),
    };

    fn of(value: T) -> Self {
        Room {
            value: std::mem::ManuallyDrop::new(value),
        }
    }
}

/// An `Option` as compiled code has it.
#[repr(C)]
#[allow(missing_debug_implementations, reason = "it is in the expansion only")]
pub struct Flagged<T> {
    is_some: bool,
    some: Room<T>,
}

/// A `Result` as compiled code has it.
#[repr(C)]
#[allow(missing_debug_implementations, reason = "it is in the expansion only")]
pub struct Either<T, E> {
    is_ok: bool,
    ok: Room<T>,
    err: Room<E>,
}

impl<T> Returned<Option<T>> {
    /// The value.
    pub fn returned(self) -> Flagged<T> {
        match self.0 {
            Some(some) => Flagged {
                is_some: true,
                some: Room::of(some),
            },
            None => Flagged {
                is_some: false,
                some: Room::EMPTY,
            },
        }
    }
}

impl<T, E> Returned<Result<T, E>> {
    /// The value.
    pub fn returned(self) -> Either<T, E> {
        match self.0 {
            Ok(ok) => Either {
                is_ok: true,
                ok: Room::of(ok),
                err: Room::EMPTY,
            },
            Err(err) => Either {
                is_ok: false,
                ok: Room::EMPTY,
                err: Room::of(err),
            },
        }
    }
}

/// What a payload is for compiled code. Where it takes no memory, only `()` has a place there.
fn payload<T: JitType>() -> TypeInfo {
    match T::describe() {
        TypeInfo::Unit => TypeInfo::Unit,
        _ if size_of::<T>() == 0 => TypeInfo::Unknown(std::any::type_name::<T>().to_owned()),
        other => other,
    }
}

// SAFETY: only ever a result, which `is_result` lets pass if `T` is plain: then the fields lie as those of the tuple `(bool, T)` of the IR,
// which has C's layout. Compiled code reads the payload only if the flag says that there is one.
unsafe impl<T: JitType> JitType for Flagged<T> {
    fn describe() -> TypeInfo {
        TypeInfo::Option(Arc::new(payload::<T>()))
    }

    fn write(&self, out: &mut crate::types::ConstWriter) {
        out.refuse("a constant of type `Option`");
    }
}

// SAFETY: as above, with `(bool, T, E)`, in which `()` is a `bool`: it has a `Room` of one byte, which nothing writes and nothing reads. What
// else has no size is refused.
unsafe impl<T: JitType, E: JitType> JitType for Either<T, E> {
    fn describe() -> TypeInfo {
        TypeInfo::Result(Arc::new(payload::<T>()), Arc::new(payload::<E>()))
    }

    fn write(&self, out: &mut crate::types::ConstWriter) {
        out.refuse("a constant of type `Result`");
    }
}

/// The trampoline of a function, or what stands in its way.
pub(super) fn outside<A: HostArgs, R, F: Fn(A) -> R + Copy>(
    path: &str,
    _function: F,
    types: impl FnOnce(Crossing<A, R>) -> Crossed,
) -> Result<(HostInfo, HostCall), String> {
    unsafe extern "C" fn trampoline<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        args: *const u128,
        result: *mut u128,
    ) -> u32 {
        caught(|| {
            // SAFETY: only `outside` makes this trampoline, and it has an `F`.
            let function = unsafe { conjure::<F>() };
            // SAFETY: `outside` gives it away with the types that `A` asks for, and compiled code passes these. A lifetime in `A` is whatever the
            // function asks for: rustc's body passes it the same references, so they live as long, also where the function keeps them, since
            // compiled code passes the addresses that the source's references have; constants that rustc would promote lie in tables, which are
            // there for good (`keep_constants`), and where a reference may get out no copy stands for what it leads to (`lets_copies_out`). They
            // conflict with each other no more than rustc's do; the receiver of a method is an address, of which no reference is made
            // before the method asks for one.
            let value = function(unsafe { A::read(args) });
            // SAFETY: compiled code has room for a result of the type that `outside` said, at an alignment of 16 at least, and
            // `outside` has seen that `R` asks for no more.
            unsafe { result.cast::<R>().write(value) };
        })
    }
    let Crossed(described, result) = types(Crossing(PhantomData));
    let mut params = A::types();
    for (index, ty) in described {
        if let Some(param) = params.get_mut(index) {
            *param = ty;
        }
    }
    if let Some(param) = params.iter().find(|param| !is_argument(param)) {
        return Err(format!("an argument has type `{}`", shown(param)));
    }
    if !is_result(&result) || align_of::<R>() > MAX_HOST_BYTES as usize {
        return Err(format!(
            "its result has type `{}`",
            std::any::type_name::<R>()
        ));
    }
    let info = HostInfo {
        name: path.to_owned(),
        params,
        result,
    };
    Ok((info, trampoline::<A, R, F>))
}

/// A type, for people.
fn shown(ty: &TypeInfo) -> String {
    match ty {
        TypeInfo::Unknown(name) => name.clone(),
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => info.name.clone(),
        TypeInfo::Ref { to, .. } => format!("&{}", shown(to)),
        TypeInfo::Slice { elem, .. } => format!("&[{}]", shown(elem)),
        TypeInfo::Option(some) => format!("Option<{}>", shown(some)),
        TypeInfo::Result(..) => "Result".to_owned(),
        TypeInfo::Array(elem, len) => format!("[{}; {len}]", shown(elem)),
        TypeInfo::Unit => "()".to_owned(),
        TypeInfo::Scalar(scalar) => scalar.to_string(),
        TypeInfo::Char => "char".to_owned(),
        TypeInfo::Enum(info) => info.name.clone(),
        TypeInfo::DataEnum(info) => info.name.clone(),
    }
}
