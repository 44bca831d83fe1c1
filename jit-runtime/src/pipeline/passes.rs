//! Which of LLVM's passes run, as `opt -passes` names them.

use hotloop_ir::Program;
use hotloop_ir::analysis::Character;

/// What most programs get, and what clang and rustc run at their highest level.
///
/// The highest level makes loops for each outcome of a condition that the loop does not change, and straight-line code of loops of few iterations up
/// to twice the size. Our own nests have neither such conditions nor such loops, but for one: whether an inner loop with the same range
/// for all iterations of the outer one runs at all. A second nest for the case that it does not takes up to a third of LLVM's
/// time (`fir`, `logistic`, `blur`), and does nothing. So the highest level is for programs in which the user's code has what it is good at.
const USUAL: &str = "default<O2>";
const THOROUGH: &str = "default<O3>";

/// As thorough, but straight-line code is not searched for what vectors could do.
///
/// Where a loop hands integers on from variable to variable, as in SHA-256, the search finds vectors of these variables for what comes behind the
/// loop, which then have to be permuted in each iteration: the loop takes 1.5 of the time. `default<..>` searches whatever `PassBuilderOptions` say.
/// These are its passes behind `thinlto-pre-link<..>`, which stops before loops are vectorized; names that LLVM 19 to 22 know.
const WITHOUT_SLP: &str = "thinlto-pre-link<O3>,function<eager-inv>(float2int,lower-constant-intrinsics,loop(loop-rotate,loop-deletion),\
    inject-tli-mappings,loop-vectorize,infer-alignment,loop-load-elim,instcombine,\
    simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-lookup;no-keep-loops;hoist-common-insts;sink-common-insts>,\
    vector-combine,instcombine,loop-unroll<O3>,sroa<preserve-cfg>,infer-alignment,instcombine,loop-mssa(licm),\
    alignment-from-assumptions,instsimplify,div-rem-pairs,simplifycfg<switch-range-to-icmp>),globaldce,constmerge";

/// The passes for a function of a program with all that it calls, and others for an LLVM that does not know one of them.
pub(super) fn passes_for(program: &Program, root: usize) -> (&'static str, Option<&'static str>) {
    let reached = program.reached_from(root);
    let character = (program.functions.iter().zip(reached))
        .filter(|(func, reached)| *reached && func.deferred.is_none())
        .map(|(func, _)| Character::of(func))
        .fold(Character::default(), Character::and);
    if character.rotates_integers && !character.floats {
        (WITHOUT_SLP, Some(THOROUGH))
    } else if character.invariant_conditions || character.short_loops {
        (THOROUGH, None)
    } else {
        (USUAL, None)
    }
}

#[cfg(test)]
mod tests {
    use hotloop_ir::parse;
    use inkwell::context::Context;

    use super::*;
    use crate::cpu::CpuLevel;
    use crate::pipeline::{Machine, run_passes};

    #[test]
    fn llvm_knows_the_passes() {
        crate::llvm::load().unwrap();
        let machine = Machine::take(CpuLevel::Native).unwrap();
        for passes in [USUAL, THOROUGH, WITHOUT_SLP] {
            let context = Context::create();
            let module = context.create_module("empty");
            assert_eq!(run_passes(&module, machine.get(), passes, true), Ok(()));
        }
        machine.put_back();
    }

    fn passes(text: &str) -> &'static str {
        let program = Program {
            functions: vec![parse(text).unwrap()],
            hosts: Vec::new(),
        };
        passes_for(&program, 0).0
    }

    #[test]
    fn the_loops_decide() {
        let sum = |end: &str, ty: &str| {
            format!(
                "fn f(n: usize, x: {ty}) -> {ty} {{
                    let mut a: {ty};
                    let mut b: {ty};
                    let mut c: {ty};
                    let mut d: {ty};
                    let i: usize;
                    a = x;
                    b = x;
                    c = x;
                    d = x;
                    '0: for i in 0usize..{end} {{
                        d = c;
                        c = b;
                        b = a;
                        a = (d * a);
                    }}
                    return a;
                }}"
            )
        };
        assert_eq!(passes(&sum("n", "f64")), USUAL);
        assert_eq!(passes(&sum("8usize", "f64")), THOROUGH);
        assert_eq!(passes(&sum("n", "u32")), WITHOUT_SLP);
    }
}
