//! Where safe code could have made compiled code do what Rust's rules do not allow, or something else than rustc's body does.

use std::sync::Mutex;

use hotloop::{JitFunction, JitType, jit};

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
pub enum Side {
    Left,
    Right,
    Both,
}

mod payloads {
    //! What has no size in a result.

    use super::*;

    fn check(x: f64) -> Result<(), Side> {
        match x {
            x if x > 1.0 => Ok(()),
            x if x > 0.0 => Err(Side::Right),
            _ => Err(Side::Both),
        }
    }

    fn bytes(x: f64) -> Result<(), [u8; 3]> {
        if x > 0.5 {
            Ok(())
        } else {
            Err([7, 8, x as u8])
        }
    }

    fn truth(x: f64) -> Result<(), bool> {
        if x > 0.5 { Ok(()) } else { Err(x < 0.0) }
    }

    fn nothing(x: f64) -> Result<u8, ()> {
        if x > 0.5 { Ok(200) } else { Err(()) }
    }

    fn wide(x: f64) -> Result<(), i64> {
        if x > 0.5 { Ok(()) } else { Err(-3) }
    }

    #[jit]
    fn of_hosts(x: f64) -> (Side, [u8; 3], bool, u8, i64) {
        let side = match check(x) {
            Ok(()) => Side::Left,
            Err(side) => side,
        };
        let bytes = match bytes(x) {
            Ok(()) => [1, 2, 3],
            Err(bytes) => bytes,
        };
        let truth = match truth(x) {
            Ok(()) => true,
            Err(truth) => truth,
        };
        let number = match nothing(x) {
            Ok(number) => number,
            Err(()) => 9,
        };
        let wide = match wide(x) {
            Ok(()) => 3,
            Err(wide) => wide,
        };
        (side, bytes, truth, number, wide)
    }

    #[test]
    fn are_where_compiled_code_reads_them() {
        of_hosts::compile().unwrap();
        for x in [-1.0, 0.25, 0.75, 2.0] {
            assert_eq!(of_hosts(x), of_hosts::plain(x), "of {x}");
        }
    }

    type Done = ();

    trait Step {
        type Output;
    }
    struct Walk;
    impl Step for Walk {
        type Output = ();
    }

    #[jit]
    fn aliased(x: f64) -> Result<Done, i64> {
        if x > 0.0 { Ok(()) } else { Err(7) }
    }

    #[jit]
    fn optional(x: f64) -> Option<Done> {
        if x > 0.0 { Some(()) } else { None }
    }

    #[jit]
    fn associated(x: f64) -> Result<<Walk as Step>::Output, u8> {
        if x > 0.0 { Ok(()) } else { Err(7) }
    }

    #[jit]
    fn calls_them(x: f64) -> f64 {
        let first = match aliased(x) {
            Ok(()) => 1.0,
            Err(code) => code as f64,
        };
        first + if optional(x).is_some() { 10.0 } else { 20.0 }
    }

    #[test]
    fn by_another_name() {
        for x in [-1.0, 1.0] {
            assert_eq!(aliased(x), aliased::plain(x));
            assert_eq!(optional(x), optional::plain(x));
            assert_eq!(associated(x), associated::plain(x));
            assert_eq!(calls_them(x), calls_them::plain(x));
        }
        for renamed in [
            aliased::compile().is_err(),
            optional::compile().is_err(),
            associated::compile().is_err(),
        ] {
            assert!(renamed);
        }
        // Compiled code has no shim between.
        calls_them::compile().unwrap();
    }
}

mod kept {
    //! References that outlive the call.

    use super::*;

    static KEPT: Mutex<Vec<&'static f64>> = Mutex::new(Vec::new());
    static PAIRS: Mutex<Vec<&'static Config>> = Mutex::new(Vec::new());
    static SLICES: Mutex<Vec<&'static [f64]>> = Mutex::new(Vec::new());

    fn keep(x: &'static f64) {
        KEPT.lock().unwrap().push(x);
    }

    fn keep_all(x: &'static [f64]) {
        SLICES.lock().unwrap().push(x);
    }

    #[derive(JitType, Clone, Copy, Debug, PartialEq)]
    pub struct Config {
        step: f64,
        n: u32,
    }

    impl Config {
        fn register(&'static self) {
            PAIRS.lock().unwrap().push(self);
        }
        fn is(&self, other: &Config) -> bool {
            std::ptr::eq(self, other)
        }
        fn grow(&mut self, by: f64) -> f64 {
            self.step += by;
            self.step
        }
        fn by_value(self) -> f64 {
            self.step * 2.0
        }
    }

    static LIMIT: f64 = 2.5;
    const HALF: f64 = 0.5;
    static DEFAULT: Config = Config { step: 0.75, n: 3 };
    static WEIGHTS: [f64; 3] = [1.0, 2.0, 4.0];

    /// Overwrites the stack below the caller.
    #[inline(never)]
    fn scribble(depth: u32) -> f64 {
        let mut waste = [f64::from(depth) + 99.0; 256];
        std::hint::black_box(&mut waste);
        if depth == 0 {
            waste[7]
        } else {
            scribble(depth - 1) + waste[3]
        }
    }

    #[jit]
    fn constants(x: f64) -> f64 {
        keep(&1.5);
        keep(&LIMIT);
        keep(&HALF);
        keep(&(2.0 * HALF + 1.0));
        keep(&-4.0);
        keep(&(7_i32 as f64));
        keep(&WEIGHTS[1]);
        const INNER: f64 = 6.25;
        keep(&INNER);
        static OWN: [f64; 2] = [3.5, 4.5];
        keep(&OWN[1]);
        keep_all(&[1.0, HALF, 8.0]);
        keep_all(&WEIGHTS);
        keep_all(&[0.125; 5]);
        Config { step: 0.5, n: 4 }.register();
        (&Config { step: HALF, n: 5 }).register();
        DEFAULT.register();
        x
    }

    #[test]
    fn constants_live_forever() {
        constants::compile().unwrap();
        constants(1.0);
        std::hint::black_box(scribble(8));
        let found: Vec<f64> = KEPT.lock().unwrap().iter().map(|kept| **kept).collect();
        assert_eq!(found, [1.5, 2.5, 0.5, 2.0, -4.0, 7.0, 2.0, 6.25, 4.5]);
        let slices = SLICES.lock().unwrap();
        assert_eq!(slices[0], [1.0, 0.5, 8.0]);
        assert_eq!(slices[1], [1.0, 2.0, 4.0]);
        assert_eq!(slices[2], [0.125; 5]);
        let configs: Vec<(f64, u32)> = (PAIRS.lock().unwrap().iter())
            .map(|kept| (kept.step, kept.n))
            .collect();
        assert_eq!(configs[..3], [(0.5, 4), (0.5, 5), (0.75, 3)]);
    }

    /// Without a host function.
    #[jit]
    fn through_a_variable(out: &mut &'static f64, pair: &mut &'static (f64, u8)) -> f64 {
        *out = &12.5;
        *pair = &(1.25, 3);
        1.0
    }

    #[jit]
    fn through_calls(out: &mut &'static f64) -> f64 {
        store(out, &13.5);
        1.0
    }

    #[jit]
    fn store(out: &mut &'static f64, value: &'static f64) {
        *out = value;
    }

    #[test]
    fn variables_of_the_caller() {
        let (mut out, mut pair): (&'static f64, &'static (f64, u8)) = (&0.0, &(0.0, 0));
        through_a_variable(&mut out, &mut pair);
        std::hint::black_box(scribble(8));
        assert_eq!((*out, *pair), (12.5, (1.25, 3)));
        through_calls(&mut out);
        std::hint::black_box(scribble(8));
        assert_eq!(*out, 13.5);
    }

    static LATE: Mutex<Option<&'static Config>> = Mutex::new(None);

    impl Config {
        fn note(&'static self) -> f64 {
            *LATE.lock().unwrap() = Some(self);
            self.step
        }
    }

    #[jit]
    fn registers(config: &'static Config) -> f64 {
        config.note()
    }

    #[jit]
    fn registers_one(all: &'static [Config]) -> f64 {
        all[1].note()
    }

    #[jit]
    fn finds<'a>(xs: &'a [f64], out: &mut &'a f64, first: &mut &'a f64) -> f64 {
        if let Some(most) = xs.iter().max_by(|a, b| a.total_cmp(b)) {
            *out = most;
        }
        for x in xs {
            if *x > 0.0 {
                *first = x;
                break;
            }
        }
        1.0
    }

    #[jit]
    fn same(a: Config, b: &Config) -> (bool, bool, bool) {
        let c = *b;
        (a.is(&a), b.is(b), c.is(b))
    }

    #[jit]
    fn receivers(mut a: Config, b: &mut Config, c: &Config) -> f64 {
        let before = a.grow(1.0) + b.grow(c.step);
        before + a.by_value() + b.by_value() + c.by_value()
    }

    #[test]
    fn receivers_are_passed_themselves() {
        static ALL: [Config; 2] = [Config { step: 1.0, n: 1 }, Config { step: 2.0, n: 2 }];
        registers::compile().unwrap();
        assert_eq!(registers(&DEFAULT), 0.75);
        assert!(std::ptr::eq(
            LATE.lock().unwrap().unwrap(),
            &raw const DEFAULT
        ));
        registers_one::compile().unwrap();
        assert_eq!(registers_one(&ALL), 2.0);
        std::hint::black_box(scribble(8));
        assert!(std::ptr::eq(
            LATE.lock().unwrap().unwrap(),
            &raw const ALL[1]
        ));

        let xs = [-1.0, 3.0, 2.0];
        let nothing = 0.0;
        let (mut out, mut first) = (&nothing, &nothing);
        finds(&xs, &mut out, &mut first);
        assert!(std::ptr::eq(out, &raw const xs[1]));
        assert!(std::ptr::eq(first, &raw const xs[1]));

        same::compile().unwrap();
        let (a, b) = (DEFAULT, Config { step: 0.25, n: 8 });
        assert_eq!(same(a, &b), same::plain(a, &b));

        receivers::compile().unwrap();
        let (mut compiled, mut plain) = (b, b);
        let result = receivers(a, &mut compiled, &b);
        assert_eq!(result, receivers::plain(a, &mut plain, &b));
        assert_eq!(compiled, plain);
    }

    #[derive(JitType, Clone, Copy, Debug, PartialEq)]
    #[repr(u8)]
    pub enum Shape {
        Circle(f64),
        Square { side: f64 },
    }

    static SHAPES: Mutex<Vec<&'static Shape>> = Mutex::new(Vec::new());

    fn keep_shape(shape: &'static Shape) {
        SHAPES.lock().unwrap().push(shape);
    }

    static NUMBERS: Mutex<Vec<&'static f64>> = Mutex::new(Vec::new());

    fn keep_late(x: &'static f64) {
        NUMBERS.lock().unwrap().push(x);
    }

    const fn computed(n: u32) -> f64 {
        let mut sum = 0.0;
        let mut i = 0;
        while i < n {
            sum += 1.5;
            i += 1;
        }
        sum
    }

    #[jit]
    fn shapes(x: f64) -> f64 {
        keep_shape(&Shape::Circle(1.5));
        keep_shape(&Shape::Square { side: 2.0 * HALF });
        x
    }

    #[jit]
    fn items(x: f64) -> f64 {
        const ITEM: f64 = computed(4);
        keep_late(&ITEM);
        x
    }

    #[jit]
    fn blocks(x: f64) -> f64 {
        keep_late(&const { computed(6) });
        x
    }

    #[test]
    fn what_is_not_computed_is_left_to_rustc() {
        shapes::compile().unwrap();
        assert!(items::compile().is_err());
        assert!(blocks::compile().is_err());
        shapes(1.0);
        std::hint::black_box(scribble(8));
        let found: Vec<Shape> = SHAPES.lock().unwrap().iter().map(|kept| **kept).collect();
        assert_eq!(found, [Shape::Circle(1.5), Shape::Square { side: 1.0 }]);
        items(1.0);
        blocks(1.0);
        std::hint::black_box(scribble(8));
        let found: Vec<f64> = NUMBERS.lock().unwrap().iter().map(|kept| **kept).collect();
        assert_eq!(found, [6.0, 9.0]);
    }
}

mod defaults {
    use super::*;

    #[derive(JitType, Clone, Copy, Default, Debug, PartialEq)]
    #[repr(u8)]
    enum Mode {
        A = 1,
        #[default]
        B = 2,
    }

    #[derive(JitType, Clone, Copy, Debug, PartialEq)]
    struct Gain(f64);

    impl Default for Gain {
        fn default() -> Self {
            Gain(1.0)
        }
    }

    #[jit]
    fn mode(m: Option<Mode>) -> Mode {
        m.unwrap_or_default()
    }

    #[jit]
    fn gain(g: Result<Gain, u8>) -> Gain {
        g.unwrap_or_default()
    }

    #[jit]
    fn gains(g: Option<[Gain; 2]>) -> [Gain; 2] {
        g.unwrap_or_default()
    }

    #[jit]
    fn numbers(
        a: Option<f64>,
        b: Option<char>,
        c: Option<bool>,
        d: Option<[u8; 3]>,
        e: Option<(i32, f32)>,
        f: Option<&[f64]>,
    ) -> (f64, char, bool, [u8; 3], (i32, f32), usize) {
        (
            a.unwrap_or_default(),
            b.unwrap_or_default(),
            c.unwrap_or_default(),
            d.unwrap_or_default(),
            e.unwrap_or_default(),
            f.unwrap_or_default().len(),
        )
    }

    #[test]
    fn of_the_users_types_are_the_users() {
        assert_eq!(mode(None), Mode::B);
        assert_eq!(mode(Some(Mode::A)), Mode::A);
        assert_eq!(gain(Err(1)), Gain(1.0));
        assert_eq!(gains(None), [Gain(1.0); 2]);
        numbers::compile().unwrap();
        let none = (None, None, None, None, None, None);
        let (a, b, c, d, e, f) = none;
        assert_eq!(numbers(a, b, c, d, e, f), numbers::plain(a, b, c, d, e, f));
        assert_eq!(
            numbers(
                Some(1.0),
                Some('x'),
                Some(true),
                Some([1, 2, 3]),
                Some((4, 5.0)),
                Some(&[1.0])
            ),
            (1.0, 'x', true, [1, 2, 3], (4, 5.0), 1)
        );
    }
}

mod names {
    //! Names that mean something else than what is jitted under them.

    use super::*;

    mod kernels {
        #[hotloop::jit]
        pub fn scale(x: f64) -> f64 {
            x * 2.0
        }
        #[hotloop::jit]
        pub fn shift<T: num_traits::Float>(x: T) -> T {
            x + T::one()
        }
        #[hotloop::jit]
        pub fn twice(x: f64) -> f64 {
            x + x
        }
    }
    use kernels::twice as doubled;
    use kernels::*;

    /// Shadows the glob among the values alone.
    fn scale(x: f64) -> f64 {
        x * 3.0
    }

    fn shift<T: num_traits::Float>(x: T) -> T {
        x - T::one()
    }

    #[jit]
    fn shadowed(x: f64) -> f64 {
        scale(x)
    }

    #[jit]
    fn shadowed_generic(x: f64) -> f64 {
        shift(x) + shift::<f64>(x)
    }

    #[jit]
    fn not_shadowed(x: f64) -> f64 {
        kernels::scale(x) + kernels::shift(x) + twice(x) + doubled(x)
    }

    #[test]
    fn functions() {
        assert_eq!(shadowed(2.0), 6.0);
        assert_eq!(shadowed_generic(2.0), 2.0);
        not_shadowed::compile().unwrap();
        assert_eq!(not_shadowed(2.0), 15.0);
        assert_eq!(not_shadowed::ir().matches("host").count(), 0);
    }

    #[derive(JitType, Clone, Copy, Debug, PartialEq)]
    pub struct V {
        x: f64,
    }

    impl V {
        fn half(&self) -> f64 {
            self.x / 2.0
        }
        fn make(x: f64) -> V {
            V { x }
        }
        fn add(self, other: V) -> f64 {
            self.x - other.x
        }
    }

    trait Half {
        fn half(&self) -> f64;
        fn make(x: f64) -> V;
    }

    #[jit]
    impl Half for V {
        fn half(&self) -> f64 {
            100.0
        }
        fn make(x: f64) -> V {
            V { x: x + 100.0 }
        }
    }

    #[jit]
    impl std::ops::Add for V {
        type Output = f64;
        fn add(self, other: V) -> f64 {
            self.x + other.x
        }
    }

    #[jit]
    fn inherent(v: &V) -> f64 {
        v.half()
    }

    #[jit]
    fn inherent_operator(v: &V, w: &V) -> f64 {
        v.add(*w)
    }

    #[jit]
    fn inherent_function(x: f64) -> f64 {
        V::make(x).x
    }

    #[jit]
    fn of_the_trait(v: &V) -> f64 {
        <V as Half>::half(v) + (*v + *v)
    }

    mod first {
        pub trait Third {
            fn third(&self) -> f64;
        }
        #[hotloop::jit]
        impl Third for super::V {
            fn third(&self) -> f64 {
                300.0
            }
        }
        #[hotloop::jit]
        pub fn seen_from_here(v: &super::V) -> f64 {
            v.third()
        }
    }

    trait OtherThird {
        fn third(&self) -> f64;
    }

    impl OtherThird for V {
        fn third(&self) -> f64 {
            self.x / 3.0
        }
    }

    #[jit]
    fn other_trait(v: &V) -> f64 {
        v.third()
    }

    #[derive(JitType, Clone, Copy)]
    struct W;

    #[jit]
    impl W {
        fn count() -> f64 {
            1.0
        }
    }

    trait Counts {
        fn count() -> f64;
    }

    impl Counts for W {
        fn count() -> f64 {
            2.0
        }
    }

    #[jit]
    fn qualified(x: f64) -> f64 {
        x + <W as Counts>::count()
    }

    #[jit]
    fn unqualified(x: f64) -> f64 {
        x + W::count()
    }

    #[test]
    fn methods() {
        let v = V { x: 6.0 };
        assert_eq!(inherent(&v), 3.0);
        assert_eq!(inherent_operator(&v, &V { x: 1.0 }), 5.0);
        assert_eq!(inherent_function(1.0), 1.0);
        assert_eq!(of_the_trait(&v), 112.0);
        assert_eq!(other_trait(&v), 2.0);
        first::seen_from_here::compile().unwrap();
        assert_eq!(first::seen_from_here(&v), 300.0);
        assert_eq!(qualified(1.0), 3.0);
        unqualified::compile().unwrap();
        assert_eq!(unqualified(1.0), 2.0);
    }

    const N: usize = 4;
    mod big {
        pub const N: usize = 8;
        pub fn size() -> f64 {
            80.0
        }
        #[hotloop::jit]
        pub fn jitted_size() -> f64 {
            800.0
        }
        #[derive(hotloop::JitType, Clone, Copy, PartialEq, Debug)]
        pub enum Unit {
            Small = 5,
            Large = 6,
        }
        pub const WEIGHTS: [f64; 2] = [8.0, 16.0];
    }
    const WEIGHTS: [f64; 3] = [1.0, 2.0, 3.0];

    #[derive(JitType, Clone, Copy, PartialEq, Debug)]
    pub enum Unit {
        Small = 1,
        Large = 2,
    }

    fn size() -> f64 {
        4.0
    }

    #[jit]
    fn jitted_size() -> f64 {
        40.0
    }

    fn first_of(xs: &[f64], by: f64) -> f64 {
        xs[0] * by
    }

    #[jit]
    fn blocks(x: f64) -> f64 {
        let n = {
            use big::N;
            N
        };
        let size = {
            use big::{jitted_size, size};
            size() + jitted_size()
        };
        let unit = if x > 0.0 {
            use big::Unit;
            Unit::Large as i32
        } else {
            Unit::Large as i32
        };
        let weights = {
            let inner = {
                use big::WEIGHTS;
                first_of(&WEIGHTS, 1.0)
            };
            inner + first_of(&WEIGHTS, N as f64)
        };
        fn inner(x: f64) -> f64 {
            use big::N;
            x * N as f64
        }
        (n + N) as f64 * x + size + size_here() + f64::from(unit) + weights + inner(x)
    }

    #[jit]
    fn size_here() -> f64 {
        size() + jitted_size()
    }

    #[test]
    fn imports_of_blocks() {
        blocks::compile().unwrap();
        for x in [-1.0, 1.0, 2.5] {
            assert_eq!(blocks(x), blocks::plain(x));
        }
        assert_eq!(blocks(1.0), 12.0 + 880.0 + 44.0 + 6.0 + 12.0 + 8.0);
    }
}

mod std_names {
    //! Functions that have the names of std's.

    use std::sync::atomic::{AtomicUsize, Ordering as Atomic};

    use super::*;

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    fn size_of<T>() -> usize {
        CALLS.fetch_add(1, Atomic::Relaxed)
    }

    #[jit]
    fn counted(x: f64) -> f64 {
        size_of::<u8>() as f64 + x
    }

    #[jit]
    fn of_std(x: f64) -> f64 {
        (std::mem::size_of::<u16>() + core::mem::align_of::<u64>()) as f64 + x
    }

    #[test]
    fn are_called() {
        assert_eq!(counted(1.0), 1.0);
        assert_eq!(counted(1.0), 2.0);
        of_std::compile().unwrap();
        assert_eq!(of_std(1.0), 11.0);
    }
}

mod twins {
    //! Types of the same name, and traits with bodies for them.

    use super::*;

    #[jit]
    trait Named {
        fn number(&self) -> f64;
        fn twice(&self) -> f64 {
            self.number() * 2.0
        }
    }

    type Call = fn(f64) -> f64;
    static CALLS: Mutex<Vec<Call>> = Mutex::new(Vec::new());

    pub trait Both {
        fn both(x: f64) -> f64;
    }
    pub struct First;
    pub struct Second;

    const _: () = {
        #[derive(JitType, Clone, Copy)]
        struct Same {
            x: f64,
        }
        #[jit]
        impl Named for Same {
            fn number(&self) -> f64 {
                self.x
            }
        }
        #[jit]
        fn first(x: f64) -> f64 {
            let same = Same { x };
            same.twice()
        }
        impl Both for First {
            fn both(x: f64) -> f64 {
                first(x)
            }
        }
    };

    const _: () = {
        #[derive(JitType, Clone, Copy)]
        struct Same {
            x: f64,
        }
        #[jit]
        impl Named for Same {
            fn number(&self) -> f64 {
                self.x + 100.0
            }
        }
        #[jit]
        fn second(x: f64) -> f64 {
            let same = Same { x };
            same.twice()
        }
        impl Both for Second {
            fn both(x: f64) -> f64 {
                second(x)
            }
        }
    };

    #[test]
    fn are_told_apart() {
        assert_eq!(First::both(1.0), 2.0);
        assert_eq!(Second::both(1.0), 202.0);
    }
}
