//! Random programs: functions that call each other.

use super::memory::Step;
use super::types::random_structs;
use super::{GenerateConfig, Generator, Rng, random_types};
use crate::expr::{BinaryOp, ExprId, Place};
use crate::func::{Host, HostTy, LocalId, Program};
use crate::stmt::Block;
use crate::ty::{ScalarTy, Ty};

/// What a function may call.
#[derive(Clone, Debug)]
pub(super) enum Callee {
    /// A function of the program.
    Function {
        number: u32,
        params: Vec<Ty>,
        result: Ty,
    },
    /// The function itself: its first parameter says how deep it may go, and becomes less with each call.
    Itself {
        number: u32,
        depth: LocalId,
        params: Vec<Ty>,
        result: Ty,
    },
    /// A host function.
    Host { number: u32, host: Host },
}

/// A random program of one to three functions, with references and aggregates; the same for the same seed and
/// configuration. Its host functions return scalars of their result's type, whatever they do. The overflow checks of its
/// functions are the same.
pub fn generate_program(seed: u64, config: &GenerateConfig) -> Program {
    let mut rng = Rng::new(seed ^ 0x7072_6f67);
    let checks = config.overflow_checks.unwrap_or(rng.one_in(2));
    let types = random_types(&mut rng);
    let structs = random_structs(&mut rng, &types);
    let config = GenerateConfig {
        memory: true,
        ..config.clone()
    };
    // Those that are called do less, so that calls in loops end soon.
    let small = GenerateConfig {
        max_stmts: config.max_stmts / 2,
        max_block_depth: config.max_block_depth.min(2),
        max_expr_depth: config.max_expr_depth.min(3),
        max_iterations: config.max_iterations.min(12),
        ..config.clone()
    };
    let mut hosts = Vec::new();
    for n in 0..rng.below(2) {
        let params = (0..rng.below(3))
            .filter_map(|_| rng.pick(&types).map(HostTy::Scalar))
            .collect();
        let result = if rng.one_in(3) {
            None
        } else {
            rng.pick(&types).map(HostTy::Scalar)
        };
        let name = format!("random::host_{n}");
        hosts.push(Host {
            name,
            params,
            result,
        });
    }
    let mut callees: Vec<Callee> = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        callees.push(Callee::Host {
            number: number as u32,
            host: host.clone(),
        });
    }
    let count = 1 + rng.below(3);
    let mut functions = Vec::new();
    for number in (0..count).rev() {
        let name = format!("random_{seed}_{number}");
        let rng = Rng::new(rng.next());
        let config = if number == 0 { &config } else { &small };
        let mut generator = Generator::new(&name, rng, config, checks);
        generator.types = types.clone();
        generator.structs = structs.clone();
        generator.callees = callees.clone();
        generator.calls_left = if number == 0 { 4 } else { 2 };
        if number == 0 {
            generator.generate_signature();
        } else {
            let callee = generator.generate_callee_signature(number);
            callees.push(callee);
        }
        functions.push(generator.generate_body());
    }
    functions.reverse();
    Program { functions, hosts }
}

impl Generator<'_> {
    /// Parameters and result of a function that others call; it may call itself.
    fn generate_callee_signature(&mut self, number: u32) -> Callee {
        self.next_line();
        let depth = self.b.param("depth", Ty::Scalar(ScalarTy::U32));
        let mut params = vec![Ty::Scalar(ScalarTy::U32)];
        for _ in 0..self.rng.range(1, 4) {
            let mutable = !self.rng.one_in(3);
            match self.rng.below(4) {
                0 => {
                    let elem = Ty::Scalar(self.random_scalar_ty());
                    self.add_slice_param(elem.clone(), mutable);
                    let elem = Box::new(elem);
                    params.push(Ty::Slice { elem, mutable });
                }
                1 => {
                    let to = if self.rng.one_in(3) {
                        Ty::Scalar(self.random_scalar_ty())
                    } else {
                        self.random_aggregate_ty()
                    };
                    self.add_ref_param(to.clone(), mutable);
                    let to = Box::new(to);
                    params.push(Ty::Ref { to, mutable });
                }
                _ => {
                    let ty = Ty::Scalar(self.random_scalar_ty());
                    self.add_param(ty.clone());
                    params.push(ty);
                }
            }
        }
        self.generate_result();
        let result = self.result.clone();
        self.callees.push(Callee::Itself {
            number,
            depth,
            params: params.clone(),
            result: result.clone(),
        });
        Callee::Function {
            number,
            params,
            result,
        }
    }

    /// A call of anything that may be called here.
    pub(super) fn generate_call_stmt(&mut self) {
        let Some(callee) = self.rng.pick(&self.callees) else {
            return self.declare_local();
        };
        if self.calls_left == 0 || self.iterations > 10 {
            return self.declare_local();
        }
        self.calls_left -= 1;
        match callee {
            Callee::Host { number, host } => {
                let args = (host.params.iter())
                    .filter_map(|ty| ty.as_scalar())
                    .map(|ty| self.generate_expr(ty, 2));
                let args = args.collect();
                let ty = (host.result.and_then(HostTy::as_scalar)).map_or(Ty::Unit, Ty::Scalar);
                let result = self.declare_result(&ty);
                self.b.call_host(number, args, result.map(Place::local));
                self.bind_result(result, ty);
            }
            Callee::Function {
                number,
                params,
                result: ty,
            } => {
                let depth = self.rng.below(3);
                let depth = self.u32_const(depth);
                let args = self.generate_call_args(depth, &params);
                let result = self.declare_result(&ty);
                self.b.call_function(number, args, result.map(Place::local));
                self.bind_result(result, ty);
            }
            Callee::Itself {
                number,
                depth,
                params,
                result: ty,
            } => {
                // Once, and in no loop: the number of calls is at most the depth.
                if self.iterations > 1 {
                    return self.declare_local();
                }
                self.callees
                    .retain(|callee| !matches!(callee, Callee::Itself { .. }));
                let result = self.declare_result(&ty);
                if let Some(result) = result {
                    let value = self.generate_value(&ty);
                    self.b.assign(result, value);
                }
                let (left, zero) = (self.b.load(depth), self.u32_const(0));
                let deeper = self.b.binary(BinaryOp::Gt, left, zero);
                let scope = (self.variables.len(), self.slices.len());
                self.b.begin_block();
                let (left, one) = (self.b.load(depth), self.u32_const(1));
                let less = self.b.call(crate::Intrinsic::WrappingSub, vec![left, one]);
                let args = self.generate_call_args(less, &params);
                self.b.call_function(number, args, result.map(Place::local));
                let then = self.b.end_block();
                self.variables.truncate(scope.0);
                self.slices.truncate(scope.1);
                self.b.if_else(deeper, then, Block::default());
                self.bind_result(result, ty);
            }
        }
    }

    fn declare_result(&mut self, ty: &Ty) -> Option<LocalId> {
        if *ty == Ty::Unit || self.rng.one_in(6) {
            return None;
        }
        let name = self.fresh_name("result");
        Some(self.b.local(&name, ty.clone()))
    }

    fn bind_result(&mut self, result: Option<LocalId>, ty: Ty) {
        if let Some(local) = result {
            self.bind(local, ty, true);
        }
    }

    /// Arguments, `first` before them; what they point to does not overlap.
    fn generate_call_args(&mut self, first: ExprId, params: &[Ty]) -> Vec<ExprId> {
        let mut roots = Vec::new();
        let mut args = vec![first];
        for param in params.iter().skip(1) {
            let arg = match param {
                Ty::Scalar(scalar) => self.generate_expr(*scalar, 2),
                Ty::Slice { elem, mutable } => self.generate_slice_arg(elem, *mutable, &mut roots),
                Ty::Ref { to, mutable } => self.generate_ref_arg(to, *mutable, &mut roots),
                ty => self.generate_value(ty),
            };
            args.push(arg);
        }
        args
    }

    fn generate_slice_arg(&mut self, elem: &Ty, mutable: bool, roots: &mut Vec<LocalId>) -> ExprId {
        let mut sequences = self.sequences();
        sequences.retain(|(_, _, ty, can_store, root)| {
            ty == elem && (*can_store || !mutable) && !roots.contains(root)
        });
        let (local, steps, root) = match self.rng.pick(&sequences) {
            Some((local, steps, _, _, root)) => (local, steps, root),
            None => {
                let ty = self.array_of(elem);
                let local = self.declare_value(&ty);
                (local, Vec::new(), local)
            }
        };
        roots.push(root);
        let base = self.place(Place::local(local), &steps);
        self.generate_sub_slice(base, mutable)
    }

    fn generate_ref_arg(&mut self, to: &Ty, mutable: bool, roots: &mut Vec<LocalId>) -> ExprId {
        let found: Vec<_> = self
            .parts_of_ty(to)
            .into_iter()
            .filter_map(|(local, steps)| {
                let variable = self.variables.iter().rfind(|v| v.local == local)?;
                let derefs = steps.iter().filter(|step| **step == Step::Deref).count();
                let can_store = match (&variable.ty, derefs) {
                    (_, 0) => variable.assignable,
                    (Ty::Ref { mutable, .. }, 1) => *mutable,
                    _ => false,
                };
                let fits = (can_store || !mutable) && !roots.contains(&variable.root);
                fits.then_some((local, steps, variable.root))
            })
            .collect();
        let (local, steps, root) = match self.rng.pick(&found) {
            Some(found) => found,
            None => {
                let local = self.declare_value(to);
                (local, Vec::new(), local)
            }
        };
        roots.push(root);
        let place = self.place(Place::local(local), &steps);
        self.b.borrow(place, mutable)
    }
}
