//! What names mean: which copy of a closure's variables, which item, which method. Each function is compared with rustc's body.

use hotloop::{JitFunction, JitType, jit};

/// Compiled code and rustc's body agree.
macro_rules! same {
    ($($f:ident($($arg:expr),*);)*) => { $(
        if let Err(error) = $f::compile() {
            panic!("{}: {error}", stringify!($f));
        }
        assert_eq!($f($($arg),*), $f::plain($($arg),*), "{}", stringify!($f($($arg),*)));
    )* };
}

/// Rustc's body runs, for a reason that says this.
macro_rules! declined {
    ($($f:ident($($arg:expr),*): $why:literal;)*) => { $(
        match $f::compile() {
            Ok(_) => panic!("{} is compiled", stringify!($f)),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains($why), "{}: {error}", stringify!($f));
            }
        }
        assert_eq!($f($($arg),*), $f::plain($($arg),*), "{}", stringify!($f($($arg),*)));
    )* };
}

mod copies;
mod operator_places;
mod precedence;
mod std_names;

mod scopes {
    //! Items see what is visible where they are written, and imports come before what is outside of their block.

    use super::*;

    #[jit]
    fn siblings(x: f64) -> f64 {
        fn a(x: f64) -> f64 {
            b(x) + 1.0
        }
        fn b(x: f64) -> f64 {
            x * 2.0
        }
        {
            fn b(x: f64) -> f64 {
                x * 1000.0
            }
            a(x) + b(x)
        }
    }

    fn outside(x: f64) -> f64 {
        x + 0.5
    }

    #[jit]
    fn no_variables(x: f64) -> f64 {
        let q = |v: f64| v + 1.0;
        fn r(x: f64) -> f64 {
            outside(x)
        }
        let outside = |v: f64| v + 7000.0;
        r(x) + q(x) + outside(x)
    }

    #[jit]
    fn statics(x: f64) -> f64 {
        static Z: f64 = 2.0;
        fn r() -> f64 {
            Z
        }
        let v = {
            static Z: f64 = 3.0;
            r() * 10.0 + Z
        };
        v + x
    }

    #[jit]
    fn constants(x: f64) -> f64 {
        let a = {
            const N: usize = 3;
            fn f() -> usize {
                N
            }
            f() + {
                const N: usize = 5;
                fn g() -> usize {
                    N + f()
                }
                g()
            }
        };
        a as f64 + x
    }

    #[jit]
    fn apply(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        const SCALE: f64 = 1000.0;
        f(x) + SCALE
    }

    #[jit]
    fn passed(x: f64) -> f64 {
        const SCALE: f64 = 3.0;
        fn scaled(x: f64) -> f64 {
            helper(x) * SCALE
        }
        fn helper(x: f64) -> f64 {
            x + SCALE
        }
        apply(scaled, x)
    }

    pub mod big {
        pub const N: usize = 8;
        pub static ST: f64 = 9.0;
        pub fn size() -> f64 {
            80.0
        }
        pub fn scaled(x: f64) -> f64 {
            x * 50.0
        }
        #[hotloop::jit]
        pub fn jitted() -> f64 {
            800.0
        }
    }

    #[jit]
    fn imported_constant(x: f64) -> f64 {
        const N: usize = 4;
        let a = {
            use big::N;
            N
        };
        (a * 100 + N) as f64 + x
    }

    #[jit]
    fn imported_function(x: f64) -> f64 {
        fn jitted() -> f64 {
            1.0
        }
        let a = {
            use big::jitted;
            jitted()
        };
        a * 100.0 + jitted() + x
    }

    #[jit]
    fn imported_over_closure(x: f64) -> f64 {
        let scaled = |k: f64| k;
        let a = {
            use big::scaled;
            scaled(x)
        };
        a * 100.0 + scaled(x)
    }

    #[jit]
    fn imported_within_function(x: f64) -> f64 {
        const N: usize = 4;
        let a = {
            use big::N;
            fn n() -> usize {
                N
            }
            n() * 10 + N
        };
        (a * 100 + N) as f64 + x
    }

    #[jit]
    fn globs(x: f64) -> f64 {
        use big::*;
        const ST: f64 = 3.0;
        let y = ST + size() + N as f64;
        {
            use std::f64::consts::*;
            const N: f64 = 7.0;
            PI * x + N + y
        }
    }

    #[test]
    fn are_those_of_the_source() {
        same! {
            siblings(1.0);
            no_variables(1.0);
            statics(1.0);
            constants(1.0);
            passed(1.0);
            imported_constant(1.0);
            imported_function(1.0);
            imported_over_closure(1.0);
            imported_within_function(1.0);
            globs(1.0);
        }
    }
}

mod references {
    //! A trait for a type and for references to it: rustc takes the method of what stands on the left of the dot, before it looks through it.

    use super::*;

    #[derive(JitType, Clone, Copy, Debug, PartialEq)]
    pub struct V {
        x: f64,
    }

    trait Foo {
        fn foo(self) -> f64;
    }

    macro_rules! foo {
        ($($ty:ty: $value:literal)*) => { $(impl Foo for $ty { fn foo(self) -> f64 { $value } })* };
    }
    foo!(V: 1.0 &V: 2.0 &mut V: 3.0 f64: 10.0 &f64: 20.0 &mut f64: 30.0);

    #[jit]
    fn of_hosts(v: &V, w: V, x: f64, r: &f64) -> [f64; 6] {
        [v.foo(), w.foo(), (&w).foo(), x.foo(), (&x).foo(), r.foo()]
    }

    #[jit]
    fn mutable(v: &mut V, x: &mut f64) -> [f64; 2] {
        [v.foo(), x.foo()]
    }

    #[jit]
    fn of_items(xs: &[f64], vs: &[V]) -> [f64; 4] {
        let mut sum = 0.0;
        for v in vs {
            sum += v.foo();
        }
        [
            xs.iter().map(|x| x.foo()).sum(),
            xs.iter().copied().map(|x| x.foo()).sum(),
            vs.iter().map(|v| v.foo()).sum(),
            sum,
        ]
    }

    #[jit]
    fn generic<T: Foo + Copy>(t: T) -> f64
    where
        for<'a> &'a T: Foo,
    {
        t.foo() + (&t).foo() * 100.0
    }

    trait Bar {
        fn bar(&self) -> f64;
    }
    impl Bar for f64 {
        fn bar(&self) -> f64 {
            1.0
        }
    }
    impl Bar for &f64 {
        fn bar(&self) -> f64 {
            2.0
        }
    }
    impl Bar for &&f64 {
        fn bar(&self) -> f64 {
            3.0
        }
    }

    #[jit]
    fn borrowing(x: f64, r: &f64) -> [f64; 3] {
        [x.bar(), r.bar(), (&&x).bar()]
    }

    trait Jitted {
        fn jitted(self, k: f64) -> f64;
    }
    #[jit]
    impl Jitted for V {
        fn jitted(self, k: f64) -> f64 {
            self.x + k
        }
    }
    #[jit]
    impl Jitted for &V {
        fn jitted(self, k: f64) -> f64 {
            self.x - k
        }
    }
    #[jit]
    impl Jitted for f64 {
        fn jitted(self, k: f64) -> f64 {
            self + k
        }
    }
    #[jit]
    impl Jitted for &f64 {
        fn jitted(self, k: f64) -> f64 {
            *self - k
        }
    }

    #[jit]
    fn by_value(v: V, x: f64) -> [f64; 2] {
        [v.jitted(2.0), x.jitted(2.0)]
    }
    #[jit]
    fn of_structs(v: &V) -> f64 {
        v.jitted(2.0)
    }
    #[jit]
    fn of_numbers(x: f64) -> f64 {
        (&x).jitted(2.0)
    }
    #[jit]
    fn of_items_that_are_jitted(xs: &[f64]) -> f64 {
        xs.iter().map(|x| x.jitted(2.0)).sum()
    }

    #[test]
    fn have_methods_of_their_own() {
        let mut v = V { x: 5.0 };
        same! {
            of_hosts(&v, v, 1.0, &1.0);
            mutable(&mut v, &mut 1.0);
            of_items(&[1.0, 2.0], &[v, v, v]);
            borrowing(1.0, &1.0);
            by_value(v, 1.0);
        }
        assert_eq!(generic(1.0), generic::plain(1.0));
        declined! {
            of_structs(&v): "the method `jitted`";
            of_numbers(1.0): "the method `jitted`";
            of_items_that_are_jitted(&[1.0, 2.0]): "the method `jitted`";
        }
    }
}

mod operators {
    //! The methods of operators are no names of the prelude: what a trait of the user's calls `add` is that trait's.

    pub mod field {
        use hotloop::{JitFunction, jit};

        pub trait Field: Sized {
            fn add(self, other: Self) -> Self;
            fn neg(self) -> Self;
        }
        impl Field for u64 {
            fn add(self, other: u64) -> u64 {
                (self + other) % 7
            }
            fn neg(self) -> u64 {
                7 - self
            }
        }
        impl Field for i64 {
            fn add(self, other: i64) -> i64 {
                (self + other) % 7
            }
            fn neg(self) -> i64 {
                7 - self
            }
        }

        #[jit]
        pub fn sum(xs: &[u64]) -> u64 {
            let mut sum = 0u64;
            for x in xs {
                sum = sum.add(*x);
            }
            sum
        }
        #[jit]
        pub fn folded(xs: &[u64]) -> u64 {
            xs.iter().fold(1u64, |a, b| a.add(*b))
        }
        #[jit]
        pub fn negative(x: i64) -> i64 {
            x.neg()
        }
    }

    pub mod paths {
        use hotloop::{JitFunction, jit};

        pub trait Add {
            fn add(self, other: Self) -> Self;
        }
        impl Add for u64 {
            fn add(self, other: u64) -> u64 {
                (self + other) % 7
            }
        }
        pub trait Ord {
            fn max(a: Self, b: Self) -> Self;
        }
        impl Ord for u64 {
            fn max(_a: u64, _b: u64) -> u64 {
                77
            }
        }
        #[jit]
        pub fn qualified(x: u64, y: u64) -> u64 {
            <u64 as Add>::add(x, y)
        }
        #[jit]
        pub fn by_trait(x: u64, y: u64) -> u64 {
            Add::add(x, y)
        }
        #[jit]
        pub fn greatest(x: u64, y: u64) -> u64 {
            <u64 as Ord>::max(x, y)
        }
    }

    pub mod of_std {
        use hotloop::{JitFunction, jit};
        use std::ops::{Add, Mul, Neg};

        #[jit]
        pub fn methods(x: u64, y: &u64, z: f64) -> (u64, u64, f64, bool) {
            let less = x.lt(y) && x.cmp(y).is_lt() && z.partial_cmp(&1.0).is_some();
            (x.add(*y), y.mul(x), z.neg().add(1.0), less)
        }
        #[jit]
        pub fn by_paths(x: u64, y: u64, z: f64) -> (u64, u64, u64, f64, bool) {
            let less = PartialOrd::lt(&x, &y) && u64::lt(&x, &y);
            (
                Add::add(x, y),
                <u64 as Add>::add(x, y),
                u64::add(x, Ord::max(x, y)) + <u64 as Ord>::min(x, y),
                std::ops::Neg::neg(z),
                less,
            )
        }
    }

    #[test]
    fn are_of_the_trait_in_scope() {
        use super::*;
        use field::*;
        use of_std::*;
        use paths::*;
        declined! {
            sum(&[5, 6, 4]): "`add` is not std's";
            folded(&[5, 6, 4]): "`add` is not std's";
            negative(3): "`neg` is not std's";
            qualified(5, 6): "`add` is not std's";
            by_trait(5, 6): "`add` is not std's";
            greatest(5, 6): "`max` is not std's";
        }
        same! {
            methods(3, &4, 1.5);
            by_paths(3, 4, 1.5);
        }
    }
}

mod places {
    //! What `#[track_caller]` sees is the call in the user's source.

    use super::*;
    use std::panic::Location;

    #[track_caller]
    fn here() -> (u32, u32) {
        let at = Location::caller();
        (at.line(), at.column())
    }

    #[derive(JitType, Clone, Copy, Debug)]
    pub struct V {
        x: f64,
    }
    impl V {
        #[track_caller]
        fn line(&self) -> u32 {
            Location::caller().line()
        }
        #[track_caller]
        fn column(x: f64) -> u32 {
            Location::caller().column()
        }
    }

    macro_rules! by_macro {
        () => {
            here()
        };
    }

    #[jit]
    fn of_functions(x: f64) -> ((u32, u32), (u32, u32), u32) {
        let a = here();

        let b = by_macro!();
        (a, b, V::column(x))
    }

    #[jit]
    fn of_methods(v: V) -> [u32; 2] {
        let a = v.line();
        [a, v.line()]
    }

    #[jit]
    fn in_closures(xs: &[f64]) -> u32 {
        xs.iter().map(|_| here().0).sum()
    }

    #[jit]
    #[track_caller]
    fn element(i: usize) -> f64 {
        let a = [1.0, 2.0];
        a[i]
    }
    #[jit]
    fn elements(i: usize) -> f64 {
        let a = element(1);
        a + element(i)
    }

    #[jit]
    impl V {
        #[track_caller]
        fn checked(&self, i: usize) -> f64 {
            [self.x][i]
        }
    }
    #[jit]
    fn checked(v: V, i: usize) -> f64 {
        v.checked(0) + v.checked(i)
    }

    #[test]
    fn are_those_of_the_call() {
        let v = V { x: 1.0 };
        same! {
            of_functions(1.0);
            of_methods(v);
            in_closures(&[1.0, 2.0]);
            elements(1);
            checked(v, 0);
        }
        let place = |run: fn()| {
            let (message, at) = crate::meanings::panic_of(run);
            assert!(message.contains("out of bounds"), "{message}");
            at
        };
        assert_eq!(
            place(|| {
                elements(7);
            }),
            place(|| {
                elements::plain(7);
            })
        );
        let (compiled, plain) = (
            place(|| {
                checked(V { x: 1.0 }, 7);
            }),
            place(|| {
                V { x: 1.0 }.checked(7);
            }),
        );
        assert!(compiled.0 < plain.0 && compiled.1 != plain.1);
    }
}

/// The message and the place, as line and column, of a panic.
fn panic_of(run: fn()) -> (String, (u32, u32)) {
    use std::cell::RefCell;
    use std::panic;
    use std::sync::Mutex;

    static HOOK: Mutex<()> = Mutex::new(());
    thread_local! { static SEEN: RefCell<(String, (u32, u32))> = RefCell::default(); }
    let _only = HOOK.lock();
    let before = panic::take_hook();
    panic::set_hook(Box::new(|info| {
        let at = info
            .location()
            .map_or((0, 0), |at| (at.line(), at.column()));
        SEEN.with(|seen| *seen.borrow_mut() = (info.to_string(), at));
    }));
    let result = panic::catch_unwind(run);
    panic::set_hook(before);
    assert!(result.is_err());
    SEEN.with(|seen| seen.borrow().clone())
}
