//! Random functions and arguments, the same for the same seed: for round trips through text and bytes, and to compare
//! the evaluator with compiled code. What is generated is specialized and verified, terminates after few steps, and
//! traps in well under half of all calls. Its results do not depend on what Rust leaves open: bits of NaN are not
//! looked at, nor is the sign of a zero that `min` or `max` returned. What a mutable parameter points to overlaps nothing that
//! another parameter points to, as in Rust.

mod arguments;
mod calls;
mod exprs;
mod loop_forms;
mod loops;
mod memory;
mod nests;
mod stmts;
#[cfg(test)]
mod tests;
mod types;

pub use arguments::generate_arguments;
pub use calls::generate_program;
pub use loops::{generate_loop_arguments, generate_loops};
pub use nests::{generate_nest, generate_nest_arguments};

use crate::builder::FunctionBuilder;
use crate::expr::ExprId;
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::stmt::Label;
use crate::ty::{ScalarTy, Ty};
use calls::Callee;

/// What kind of functions to generate.
#[derive(Clone, Debug)]
pub struct GenerateConfig {
    /// How many statements, about.
    pub max_stmts: u32,
    /// How deep loops and branches nest.
    pub max_block_depth: u32,
    /// How deep expressions nest, about.
    pub max_expr_depth: u32,
    /// How often a statement may run at most because of the loops around it.
    pub max_iterations: u32,
    /// Whether overflow traps; `None` leaves it to the seed.
    pub overflow_checks: Option<bool>,
    /// One in how many operations that may trap is left unguarded; 0 for none.
    pub unguarded_one_in: u32,
    /// Methods to leave out, such as those whose precision is unspecified.
    pub exclude: Vec<Intrinsic>,
    /// Whether to use references, sub-slices, arrays, structs and tables; else there are scalars, tuples, and slices of
    /// scalars that are parameters.
    pub memory: bool,
}

impl GenerateConfig {
    /// The default with references and aggregates.
    pub fn with_memory() -> Self {
        GenerateConfig {
            memory: true,
            ..GenerateConfig::default()
        }
    }
}

impl Default for GenerateConfig {
    fn default() -> Self {
        GenerateConfig {
            max_stmts: 24,
            max_block_depth: 4,
            max_expr_depth: 4,
            max_iterations: 600,
            overflow_checks: None,
            unguarded_one_in: 40,
            exclude: Vec::new(),
            memory: false,
        }
    }
}

/// Fuel that suffices for every function that [`GenerateConfig::default`] makes and arguments that
/// [`generate_arguments`] makes.
pub const ENOUGH_FUEL: u64 = 10_000_000;

/// Numbers that look random: splitmix64.
///
/// # Source
///
/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
#[derive(Clone, Debug)]
struct Rng {
    state: u64,
}

impl Rng {
    fn new(seed: u64) -> Self {
        Rng { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 if there is no such number.
    fn below(&mut self, n: u32) -> u32 {
        (self.next() % u64::from(n.max(1))) as u32
    }

    /// In `low..=high`.
    fn range(&mut self, low: i32, high: i32) -> i32 {
        low.saturating_add(self.below(high.abs_diff(low).saturating_add(1)) as i32)
    }

    /// True once in `n` times; never for 0.
    fn one_in(&mut self, n: u32) -> bool {
        n != 0 && self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        items.get(self.below(items.len() as u32) as usize).cloned()
    }
}

/// A local that is in scope.
#[derive(Clone, Debug)]
struct Variable {
    local: LocalId,
    ty: Ty,
    /// Whether statements may assign it.
    assignable: bool,
    /// The slice whose length it is below, if it is the variable of a loop over it.
    indexes: Option<LocalId>,
    /// The local or parameter whose memory this is, or points into.
    root: LocalId,
}

/// A slice that is in scope: a parameter, or a part of a parameter or of an array.
#[derive(Clone, Debug)]
struct SliceVariable {
    local: LocalId,
    elem: Ty,
    mutable: bool,
    /// As [`Variable::root`].
    root: LocalId,
}

struct Generator<'c> {
    rng: Rng,
    config: &'c GenerateConfig,
    b: FunctionBuilder,
    checks: bool,
    result: Ty,
    /// Scalar types that this function likes, so that its values meet.
    types: Vec<ScalarTy>,
    variables: Vec<Variable>,
    slices: Vec<SliceVariable>,
    /// Structs that this function likes.
    structs: Vec<Ty>,
    /// What it may call.
    callees: Vec<Callee>,
    /// How many calls it may contain yet.
    calls_left: u32,
    /// Labels around, and whether each is a loop.
    labels: Vec<(Label, bool)>,
    stmts_left: u32,
    /// How often what is generated now may run because of the loops around it.
    iterations: u32,
    block_depth: u32,
    line: u32,
    n_names: u32,
}

/// A random function; the same for the same seed and configuration.
pub fn generate_function(seed: u64, config: &GenerateConfig) -> Function {
    let mut rng = Rng::new(seed);
    let checks = config.overflow_checks.unwrap_or(rng.one_in(2));
    let types = random_types(&mut rng);
    let structs = if config.memory {
        types::random_structs(&mut rng, &types)
    } else {
        Vec::new()
    };
    let mut generator = Generator::new(&format!("random_{seed}"), rng, config, checks);
    generator.types = types;
    generator.structs = structs;
    generator.generate_signature();
    generator.generate_body()
}

/// A few scalar types for a function, so that its values meet.
fn random_types(rng: &mut Rng) -> Vec<ScalarTy> {
    let mut types: Vec<ScalarTy> = (0..3).filter_map(|_| rng.pick(&ScalarTy::ALL)).collect();
    types.extend([ScalarTy::Usize, ScalarTy::F64]);
    types
}

impl<'c> Generator<'c> {
    fn new(name: &str, rng: Rng, config: &'c GenerateConfig, checks: bool) -> Self {
        let mut b = FunctionBuilder::new(name);
        b.set_overflow_checks(checks);
        Generator {
            rng,
            config,
            b,
            checks,
            result: Ty::Unit,
            types: Vec::new(),
            variables: Vec::new(),
            slices: Vec::new(),
            structs: Vec::new(),
            callees: Vec::new(),
            calls_left: 0,
            labels: Vec::new(),
            stmts_left: config.max_stmts,
            iterations: 1,
            block_depth: 0,
            line: 0,
            n_names: 0,
        }
    }
}

impl Generator<'_> {
    fn generate_body(mut self) -> Function {
        self.generate_stmts(self.config.max_stmts);
        if self.result != Ty::Unit {
            self.generate_return();
        }
        self.b.finish()
    }

    fn generate_signature(&mut self) {
        self.next_line();
        for _ in 0..self.rng.range(1, 3) {
            let elem = self.random_scalar_ty();
            let mutable = self.rng.one_in(2);
            self.add_slice_param(Ty::Scalar(elem), mutable);
        }
        if self.config.memory {
            self.generate_memory_params();
        }
        for _ in 0..self.rng.range(1, 4) {
            let ty = self.random_scalar_ty();
            self.add_param(Ty::Scalar(ty));
        }
        self.generate_result();
    }

    fn generate_result(&mut self) {
        self.result = match self.rng.below(5) {
            0 => Ty::Unit,
            1 if self.config.memory => self.random_aggregate_ty(),
            1 => self.random_tuple_ty(),
            _ => Ty::Scalar(self.random_scalar_ty()),
        };
        self.b.set_result(self.result.clone());
    }

    fn add_slice_param(&mut self, elem: Ty, mutable: bool) {
        let name = self.fresh_name("slice");
        let local = self.b.slice_param(&name, elem.clone(), mutable);
        self.slices.push(SliceVariable {
            local,
            elem,
            mutable,
            root: local,
        });
    }

    fn add_param(&mut self, ty: Ty) -> LocalId {
        let name = self.fresh_name("p");
        let local = self.b.param(&name, ty.clone());
        self.bind(local, ty, false);
        local
    }

    fn random_scalar_ty(&mut self) -> ScalarTy {
        let types = if self.rng.one_in(8) {
            &ScalarTy::ALL[..]
        } else {
            &self.types[..]
        };
        self.rng.pick(types).unwrap_or(ScalarTy::Usize)
    }

    fn random_int_ty(&mut self) -> ScalarTy {
        let ty = self.random_scalar_ty();
        if ty.is_int() {
            return ty;
        }
        let ints: Vec<_> = ScalarTy::ALL.into_iter().filter(|ty| ty.is_int()).collect();
        self.rng.pick(&ints).unwrap_or(ScalarTy::Usize)
    }

    fn random_tuple_ty(&mut self) -> Ty {
        // What methods return.
        let scalar = Ty::Scalar(self.random_scalar_ty());
        match self.rng.below(5) {
            0 => return Ty::Tuple(vec![scalar, Ty::BOOL]),
            1 | 2 => return Ty::Tuple(vec![Ty::BOOL, scalar]),
            _ => {}
        }
        let mut elems = Vec::new();
        for _ in 0..self.rng.range(1, 3) {
            elems.push(Ty::Scalar(self.random_scalar_ty()));
        }
        if self.rng.one_in(4) {
            let inner = vec![Ty::Scalar(self.random_scalar_ty()), Ty::BOOL];
            elems.push(Ty::Tuple(inner));
        }
        Ty::Tuple(elems)
    }

    fn fresh_name(&mut self, prefix: &str) -> String {
        // Now and then a name that is taken: shadowing.
        if !self.rng.one_in(6) {
            self.n_names += 1;
        }
        format!("{prefix}{}", self.n_names)
    }

    /// Positions as if each statement stood on a line of its own.
    fn next_line(&mut self) {
        self.line += 1;
        let column = 1 + 4 * self.block_depth;
        self.b.set_span(Span::new(self.line, column));
    }

    /// An expression of any type that locals may have.
    fn generate_value(&mut self, ty: &Ty) -> ExprId {
        let depth = self.config.max_expr_depth;
        match ty {
            Ty::Scalar(scalar) => self.generate_expr(*scalar, depth),
            Ty::Tuple(_) if self.config.memory && self.rng.one_in(3) => self.generate_aggregate(ty),
            Ty::Tuple(elems) => self.generate_tuple(ty, elems),
            Ty::Array { .. } | Ty::Struct(_) => self.generate_aggregate(ty),
            Ty::Unit | Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => self.b.tuple(Vec::new()),
        }
    }

    fn generate_return(&mut self) {
        self.next_line();
        let result = self.result.clone();
        let value = (result != Ty::Unit).then(|| self.generate_value(&result));
        self.b.ret(value);
    }
}
