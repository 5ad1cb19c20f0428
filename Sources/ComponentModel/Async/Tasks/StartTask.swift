/// Start functions of components that use tasks. They are synchronous, whatever their type: one that waits before it has
/// returned is at fault, and what it leaves behind goes on (Concurrency.md, "Interaction with the start function").
extension TaskScheduler {
    /// Carries out what ``ComponentInstance/init(_:in:host:waker:leavesTasks:)`` left: in the next ``run()``, which fails
    /// where this does. See ``ComponentInstance/isInstantiated``.
    package func instantiate() {
        unowned(unsafe) let runner = self.runner
        runner.enqueueJob(for: self.processorTimeLimit == nil ? nil : CallAccount()) {
            try runner.instance.instantiate { try runner.start($0, $1) }
        }
    }
}

extension TaskRunner {
    /// Calls a start function from the fiber that instantiates.
    fileprivate func start(_ function: ExportedFunction, _ arguments: [ComponentValue]) throws -> ComponentValue? {
        let call = StartSubtask(function, self.instance, arguments)
        try call.check()
        let task = GuestTask(
            function, instance: self.instance, componentInstance: function.componentInstance, caller: call,
            account: self.instance.currentThread?.account)
        let thread = GuestThread(task, runner: self, step: .begin)
        task.implicitThread = thread
        try self.nest(thread)
        if !call.isResolved { _ = try self.block(.end(of: call)) }
        return call.result
    }
}

/// The call of a start function, as the one who instantiates sees it.
private final class StartSubtask: Subtask, TaskCaller {
    private let function: ExportedFunction
    private let arguments: [ComponentValue]
    private let context: ValueContext
    private(set) var result: ComponentValue?

    init(_ function: ExportedFunction, _ instance: ComponentInstance, _ arguments: [ComponentValue]) {
        self.function = function
        self.arguments = arguments
        self.context = instance.context(of: function)
        super.init(instance, state: .starting)
    }

    /// Whether the arguments are there still: handles among them may have been given away.
    func check() throws {
        for (parameter, value) in zip(self.function.type.parameters, self.arguments) {
            try self.context.check(value, parameter.type, at: "parameter \"\(parameter.name)\"")
        }
    }

    func start(_ slots: borrowing FlatValues) throws {
        let flat = try self.context.lowerParameters(self.arguments, self.function.type)
        for (index, value) in flat.enumerated() { slots.set(i64: value, at: index) }
        self.advance(to: .started)
    }

    func returned(_ slots: UnsafeMutableRawPointer) throws {
        self.instance.liftBudget = ComponentInstance.maximumLift
        self.result = try self.context.liftResult(of: self.function, slots)
        try self.instance.countLiftOfStart()
        self.advance(to: .returned)
    }

    func cancelled() {
        self.advance(to: .cancelledBeforeReturned)
    }

    func ended(_ failure: (any Error)?) {}
}
