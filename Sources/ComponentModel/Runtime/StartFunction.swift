/// A start function of a component, linked: a call that instantiation makes.
struct StartFunction: Sendable {
    let function: ExportedFunction
    let arguments: [PlanValue]
    /// How many steps of ``Component/steps`` come before it.
    let position: Int
}
