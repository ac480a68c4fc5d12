/* Two things for notebooks that are opened again.

   A page of JupyterLab that is loaded again forgets which cell was running: what that cell goes on to show is thrown
   away by the page, though the kernel sends it. Here the page remembers, in the browser's own storage, to which cell
   each message of the kernel belongs, and gives the cell what it makes after the page is back.

   Sliders live as long as their kernel. Where they were, JupyterLab says "Error displaying widget: model not found",
   and nobody has made an error. Here it says what to do.

   It is plain JavaScript in the form in which JupyterLab loads extensions that are built already; there is nothing to
   build. pyproject.toml installs it into share/jupyter/labextensions. */

(() => {
  const NAME = 'neural-style-transfer-course';
  const GONE = 'Error displaying widget: model not found';
  const WORDS = 'Sliders and buttons are here when you run this cell. What they made last is below.';

  /** Which cells a kernel has been asked to run, {message id: {cell, count}}, until it is idle again. */
  class Asked {
    constructor(kernel) {
      this.key = `${NAME}:${kernel}`;
    }
    all() {
      return JSON.parse(localStorage.getItem(this.key) || '{}');
    }
    change(id, entry) {
      const all = this.all();
      if (entry === null) {
        delete all[id];
      } else {
        all[id] = { ...all[id], ...entry };
      }
      if (Object.keys(all).length) {
        localStorage.setItem(this.key, JSON.stringify(all));
      } else {
        localStorage.removeItem(this.key);
      }
    }
  }

  /** A notebook on the page, for as long as its kernel is this one. */
  function follow(panel, kernel) {
    const asked = new Asked(kernel.id);
    const before = asked.all(); // what an earlier page has asked for
    const resumed = new Map(); // message id -> what stands in for the request of that page

    const changed = (_, { msg, direction }) => {
      if (direction === 'send') {
        if (msg.header.msg_type === 'execute_request' && msg.metadata.cellId) {
          asked.change(msg.header.msg_id, { cell: msg.metadata.cellId });
        }
        return;
      }
      const id = msg.parent_header && msg.parent_header.msg_id;
      if (msg.channel !== 'iopub' || !id) {
        return;
      }
      if (msg.header.msg_type === 'execute_input' && asked.all()[id]) {
        asked.change(id, { count: msg.content.execution_count });
      }
      if (before[id]) {
        if (!resumed.has(id)) {
          resumed.set(id, resume(panel, before[id]));
        }
        resumed.get(id)(msg);
      }
      if (msg.header.msg_type === 'status' && msg.content.execution_state === 'idle') {
        asked.change(id, null);
      }
    };
    kernel.anyMessage.connect(changed);
    // The kernel answers in order, so by then every cell that the earlier page had asked for has ended. Those of which
    // no message came had ended before this page was there; the course keeps what they showed.
    kernel.info.then(async () => {
      for (const id of Object.keys(before).filter(id => !resumed.has(id))) {
        asked.change(id, null);
        await again(panel, kernel, id, before[id]);
      }
    });
    kernel.disposed.connect(() => kernel.anyMessage.disconnect(changed));
  }

  /** Ask the kernel to show once more what a cell showed. */
  async function again(panel, kernel, id, entry) {
    const code = `import sys; "nst.replay" in sys.modules and sys.modules["nst.replay"].show("${id}")`;
    const request = kernel.requestExecute({ code, silent: false, store_history: false });
    let give = null;
    request.onIOPub = msg => {
      if (msg.header.msg_type === 'display_data') {
        give = give || resume(panel, entry);
        give(msg);
      } else if (give && msg.header.msg_type === 'status') {
        give(msg);
      }
    };
    await request.done;
  }

  /** A function that gives the cell of an earlier page's request one message after another. */
  function resume(panel, { cell: wanted, count }) {
    const cell = panel.content.widgets.find(widget => widget.model.id === wanted);
    if (!cell || !cell.outputArea) {
      return () => {};
    }
    let done;
    const request = {
      done: new Promise(resolve => (done = resolve)),
      dispose: () => {},
      registerMessageHook: () => {},
      removeMessageHook: () => {}
    };
    cell.model.trusted = true;
    cell.outputArea.future = request; // which clears what an earlier page has left
    cell.model.executionState = 'running';
    const shown = new Set();

    return msg => {
      const { msg_type: type } = msg.header;
      if (type === 'execute_input') {
        count = msg.content.execution_count;
      }
      if (type === 'status' && msg.content.execution_state === 'idle') {
        cell.model.executionCount = count ?? null;
        cell.model.executionState = 'idle';
        done({ content: { status: 'ok' } });
        return;
      }
      // What changes in place was shown first on the earlier page, and this one has no place for it yet.
      const place = msg.content.transient && msg.content.transient.display_id;
      const first = type === 'update_display_data' && !shown.has(place);
      if (place) {
        shown.add(place);
      }
      request.onIOPub(first ? { ...msg, header: { ...msg.header, msg_type: 'display_data' } } : msg);
    };
  }

  const plugin = {
    id: `${NAME}:resume`,
    description: 'Shows in a cell what it goes on to make after its page was loaded again.',
    autoStart: true,
    activate: app => {
      const seen = new WeakSet();
      const look = () => {
        for (const panel of app.shell.widgets('main')) {
          if (panel.sessionContext && panel.content && panel.content.widgets && !seen.has(panel)) {
            seen.add(panel);
            const kernelChanged = (_, { newValue }) => newValue && follow(panel, newValue);
            panel.sessionContext.kernelChanged.connect(kernelChanged);
            const { session } = panel.sessionContext;
            if (session && session.kernel) {
              follow(panel, session.kernel);
            }
          }
        }
      };
      for (const signal of [app.shell.layoutModified, app.shell.currentChanged]) {
        if (signal) {
          signal.connect(look);
        }
      }
      app.restored.then(look);

      new MutationObserver(changes => {
        for (const { addedNodes } of changes) {
          for (const node of addedNodes) {
            if (node.nodeType === Node.TEXT_NODE && node.data === GONE) {
              node.data = WORDS;
            }
          }
        }
      }).observe(document.body, { childList: true, subtree: true });
    }
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: () => {},
    get: async () => () => plugin
  };
})();
