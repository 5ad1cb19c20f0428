/// A call of a component's start function, which instantiating the component makes.
package struct StartCall: Hashable, Sendable {
    package let function: LiftedFunction
    package let arguments: [PlanValue]
    /// How many steps of the plan come before it.
    package var position: Int
}

/// Where a value of a component comes from: instances, aliases and composition are resolved.
package enum PlanValue: Hashable, Sendable {
    /// Index into `ComponentPlan.constants`.
    case constant(Int)
    /// Result of a start function: index into `ComponentPlan.starts`.
    case result(Int)
}
